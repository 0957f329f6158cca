package dev.penstock.answers.model;

import java.time.Duration;

/// How a language model is used.
///
/// @param provider whose protocol is spoken
/// @param baseUrl what comes before `/v1/…`
/// @param apiKey empty where the server wants none
/// @param model its name at the provider
/// @param system the first message of every prompt, empty for none
/// @param contextTokens of a prompt, estimated
/// @param answerTokens most of one call's answer
/// @param idleTimeout how long a provider may send nothing of an answer, its first piece included
/// @param answerTimeout of one call
/// @param requestsPerMinute of this instance, 0 for no limit
/// @param resume whether a begun answer goes on where it was; where not, it begins anew
public record ModelSettings(
    Provider provider,
    String baseUrl,
    String apiKey,
    String model,
    String system,
    int contextTokens,
    int answerTokens,
    Duration idleTimeout,
    Duration answerTimeout,
    int requestsPerMinute,
    boolean resume) {
  /// A protocol.
  public enum Provider {
    /// `POST /v1/chat/completions`, which also Ollama, vLLM, llama.cpp and many others speak.
    OPENAI,
    /// `POST /v1/messages`.
    ANTHROPIC
  }

  /// Without the key.
  @Override
  public String toString() {
    return "ModelSettings[%s %s at %s]".formatted(provider, model, baseUrl);
  }
}
