package dev.penstock.answers.model;

import dev.penstock.answers.AnswerRefusedException;
import dev.penstock.answers.AnswerSink;
import dev.penstock.answers.Answerer;
import dev.penstock.answers.AttemptFailedException;
import dev.penstock.answers.Question;
import dev.penstock.answers.Reasons;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.prompt.Prompt;
import reactor.core.Disposable;

/// Streams answers of a language model.
public final class ChatAnswerer implements Answerer {
  private sealed interface Event {
    record Piece(ChatResponse response) implements Event {}

    record Broken(Throwable failure) implements Event {}

    record End() implements Event {}
  }

  private final ModelSettings settings;
  private final ProviderCalls calls = new ProviderCalls();
  private final ChatClient client;
  private final Messages messages;
  private final Pace pace;

  public ChatAnswerer(ModelSettings settings) {
    this.settings = settings;
    this.client = ChatClient.create(ChatModels.model(settings, calls));
    this.messages = new Messages(settings.system(), settings.contextTokens());
    this.pace = new Pace(settings.requestsPerMinute());
  }

  @Override
  public boolean continues() {
    return settings.resume();
  }

  @Override
  public void answer(Question question, AnswerSink sink)
      throws AnswerRefusedException, InterruptedException {
    Question asked = settings.resume() ? question : question.begun("");
    pace.await();
    ProviderCalls.Tracked call = calls.track();
    try {
      stream(ChatModels.prompt(settings, messages.of(asked), call), call, sink, asked.begun());
    } finally {
      call.end();
    }
  }

  private void stream(Prompt prompt, ProviderCalls.Tracked call, AnswerSink sink, String begun)
      throws AnswerRefusedException, InterruptedException {
    // Unbounded, since a worker of Reactor must not wait here: what fills it is read at once into a
    // draft, which is bounded, and which ends the call where it is full.
    BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    Disposable stream =
        client.prompt(prompt).stream()
            .chatResponse()
            .subscribe(
                response -> events.add(new Event.Piece(response)),
                failure -> events.add(new Event.Broken(failure)),
                () -> events.add(new Event.End()));
    try {
      read(events, call, sink, begun);
    } finally {
      // Before the stream: its own way to close waits for the response.
      call.end();
      stream.dispose();
    }
  }

  private void read(
      BlockingQueue<Event> events, ProviderCalls.Tracked call, AnswerSink sink, String begun)
      throws AnswerRefusedException, InterruptedException {
    Reading reading = new Reading(sink);
    while (true) {
      Event event = events.poll(settings.idleTimeout().toMillis(), TimeUnit.MILLISECONDS);
      switch (event) {
        case null ->
            throw failed("nothing came for " + settings.idleTimeout().toSeconds() + " s", call);
        case Event.Piece(ChatResponse response) -> reading.take(response);
        case Event.Broken(Throwable failure) -> throw broken(failure, call);
        case Event.End() -> {
          if (reading.finish == null) {
            throw failed("the stream was cut", call);
          }
          // What was begun may have been all.
          if (!reading.anything && begun.isBlank()) {
            throw failed("an empty answer", call);
          }
          return;
        }
      }
    }
  }

  /// What one stream has brought so far.
  private static final class Reading {
    private final AnswerSink sink;
    private boolean anything;
    private @Nullable String finish;

    Reading(AnswerSink sink) {
      this.sink = sink;
    }

    void take(ChatResponse response) throws AnswerRefusedException, InterruptedException {
      Usage usage = response.getMetadata().getUsage();
      if (usage.getTotalTokens() != null && usage.getTotalTokens() > 0) {
        sink.used(orZero(usage.getPromptTokens()), orZero(usage.getCompletionTokens()));
      }
      Generation generation = response.getResult();
      if (generation == null) {
        return;
      }
      String text = generation.getOutput().getText();
      if (text != null && !text.isEmpty()) {
        anything = true;
        sink.append(text);
      }
      String reason = generation.getMetadata().getFinishReason();
      if (reason != null && !reason.isBlank()) {
        finish = reason.toLowerCase(Locale.ROOT);
        if (finish.equals("content_filter") || finish.equals("refusal")) {
          throw new AnswerRefusedException(Reasons.DECLINED, finish);
        }
      }
    }

    private static long orZero(@Nullable Integer tokens) {
      return tokens == null ? 0 : tokens;
    }
  }

  private RuntimeException broken(Throwable failure, ProviderCalls.Tracked call)
      throws AnswerRefusedException {
    int status = call.status();
    boolean passing =
        status < 400
            || status >= 500
            || status == 408
            || status == 409
            || status == 425
            || status == 429;
    if (!passing) {
      throw new AnswerRefusedException(Reasons.UNAVAILABLE, "HTTP " + status);
    }
    if (status == 429 || status == 503 || status == 529) {
      pace.pause(call.retryAfter());
    }
    return status >= 400
        ? failed("HTTP " + status, call)
        // The name only: the message may quote what was sent.
        : failed(failure.getClass().getSimpleName(), call);
  }

  private static AttemptFailedException failed(String cause, ProviderCalls.Tracked call) {
    Duration after = call.status() >= 400 ? call.retryAfter() : Duration.ZERO;
    return new AttemptFailedException(cause, after);
  }
}
