package dev.penstock.answers.model;

import dev.penstock.answers.Question;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.tokenizer.JTokkitTokenCountEstimator;
import org.springframework.ai.tokenizer.TokenCountEstimator;

/// What a model is told: as much of the conversation before the question as fits into the budget,
/// the newest first to be kept, never half a message.
final class Messages {
  static final String GO_ON =
      "Your last message was cut off by accident. Go on exactly where it ends, in the middle of a"
          + " word if need be. Repeat nothing of it and say nothing about the interruption.";

  /// Role and separators.
  private static final int TOKENS_AROUND = 4;

  /// An estimate also for models that count otherwise.
  private final TokenCountEstimator estimator = new JTokkitTokenCountEstimator();

  private final String system;
  private final int budget;

  Messages(String system, int budget) {
    this.system = system;
    this.budget = budget;
  }

  List<Message> of(Question question) {
    int left = budget - tokens(system) - tokens(question.content()) - tokens(question.begun());
    Deque<Message> earlier = new ArrayDeque<>();
    List<Question.Turn> history = question.history();
    for (int i = history.size() - 1; i >= 0; i--) {
      Question.Turn turn = history.get(i);
      left -= tokens(turn.content());
      if (left < 0) {
        break;
      }
      earlier.addFirst(
          turn.assistant()
              ? new AssistantMessage(turn.content())
              : new UserMessage(turn.content()));
    }
    List<Message> messages = new ArrayList<>();
    if (!system.isBlank()) {
      messages.add(new SystemMessage(system));
    }
    messages.addAll(earlier);
    messages.add(new UserMessage(question.content()));
    if (!question.begun().isBlank()) {
      messages.add(new AssistantMessage(question.begun()));
      messages.add(new UserMessage(GO_ON));
    }
    return messages;
  }

  private int tokens(String text) {
    return text.isEmpty() ? 0 : estimator.estimate(text) + TOKENS_AROUND;
  }
}
