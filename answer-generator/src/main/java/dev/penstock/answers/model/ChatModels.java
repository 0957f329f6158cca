package dev.penstock.answers.model;

import com.anthropic.models.messages.Model;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.anthropic.AnthropicChatOptions;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;

/// Spring AI's models, and their prompts. They repeat nothing by themselves: attempts are counted
/// in one place.
final class ChatModels {
  private ChatModels() {}

  static ChatModel model(ModelSettings settings, ProviderCalls calls) {
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    return switch (settings.provider()) {
      case OPENAI ->
          OpenAiChatModel.builder()
              .options(openAi(settings).build())
              .httpClientBuilderCustomizer(
                  http -> http.interceptor(calls).dispatcherExecutorService(threads))
              .build();
      case ANTHROPIC ->
          AnthropicChatModel.builder()
              .options(anthropic(settings).build())
              .httpClientBuilderCustomizer(
                  http -> http.interceptor(calls).dispatcherExecutorService(threads))
              .build();
    };
  }

  static Prompt prompt(ModelSettings settings, List<Message> messages, ProviderCalls.Tracked call) {
    return switch (settings.provider()) {
      case OPENAI -> new Prompt(messages, openAi(settings).customHeaders(call.headers()).build());
      case ANTHROPIC ->
          new Prompt(messages, anthropic(settings).httpHeaders(call.headers()).build());
    };
  }

  private static OpenAiChatOptions.Builder openAi(ModelSettings settings) {
    return OpenAiChatOptions.builder()
        .baseUrl(settings.baseUrl() + "/v1")
        .apiKey(settings.apiKey())
        .model(settings.model())
        .maxTokens(settings.answerTokens())
        .timeout(settings.answerTimeout())
        .maxRetries(0);
  }

  private static AnthropicChatOptions.Builder anthropic(ModelSettings settings) {
    return AnthropicChatOptions.builder()
        .baseUrl(settings.baseUrl())
        .apiKey(settings.apiKey())
        .model(Model.of(settings.model()))
        .maxTokens(settings.answerTokens())
        .timeout(settings.answerTimeout())
        .maxRetries(0);
  }
}
