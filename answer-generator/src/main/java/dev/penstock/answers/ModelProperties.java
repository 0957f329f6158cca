package dev.penstock.answers;

import dev.penstock.answers.model.ModelSettings;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import reactor.core.scheduler.Schedulers;

/// Which language model answers; the defaults are in `penstock-answer-generator.yml`.
///
/// @param provider `openai`, `anthropic`, `offline`, or empty: openai where a base URL or a key is
///   given, else offline
/// @param baseUrl what comes before `/v1/…`
/// @param apiKey empty where the server wants none
/// @param model its name at the provider
/// @param system the first message of every prompt, empty for none
/// @param contextTokens of a prompt, estimated
/// @param answerTokens most of one call's answer
/// @param idleTimeout how long a provider may send nothing of an answer
/// @param requestsPerMinute of this instance, 0 for no limit
/// @param resume whether a begun answer goes on where it was
record ModelProperties(
    String provider,
    String baseUrl,
    String apiKey,
    String model,
    String system,
    int contextTokens,
    int answerTokens,
    Duration idleTimeout,
    int requestsPerMinute,
    boolean resume) {
  /// OkHttp's bound on calls at once in the providers' SDKs.
  private static final int MOST_CALLS = 64;

  private static final String OPENAI = "https://api.openai.com";
  private static final String ANTHROPIC = "https://api.anthropic.com";

  ModelProperties {
    require(
        provider.isEmpty()
            || provider.equals("offline")
            || provider.equals("openai")
            || provider.equals("anthropic"),
        "provider must be openai, anthropic, offline or empty, not " + provider);
    baseUrl = baseUrl.replaceAll("/+$", "");
    require(
        baseUrl.isEmpty() || baseUrl.matches("https?://.+"),
        "base-url must begin with http:// or https://");
    require(!baseUrl.endsWith("/v1"), "base-url must be the part before /v1/…, so without /v1");
    require(contextTokens >= 100, "context-tokens must be at least 100, not " + contextTokens);
    require(answerTokens >= 1, "answer-tokens must be at least 1, not " + answerTokens);
    require(idleTimeout.toMillis() >= 100, "idle-timeout must be at least 100ms");
    require(
        requestsPerMinute >= 0 && requestsPerMinute <= 1_000_000,
        "requests-per-minute must be 0 to 1000000, not " + requestsPerMinute);
  }

  /// Nothing where no model is configured.
  Optional<ModelSettings> settings(Duration answerTimeout, int concurrency) {
    String chosen = provider;
    if (chosen.isEmpty()) {
      chosen = baseUrl.isEmpty() && apiKey.isEmpty() ? "offline" : "openai";
    }
    if (chosen.equals("offline")) {
      return Optional.empty();
    }
    ModelSettings.Provider spoken = ModelSettings.Provider.valueOf(chosen.toUpperCase(Locale.ROOT));
    require(!model.isBlank(), "model must name a model of the provider");
    require(
        concurrency <= MOST_CALLS,
        "provider is set, so penstock.answers.concurrency must be at most " + MOST_CALLS);
    // Its SDK holds a thread of Reactor's for each stream, and the way on needs another.
    require(
        spoken != ModelSettings.Provider.ANTHROPIC
            || 2 * concurrency <= Schedulers.DEFAULT_BOUNDED_ELASTIC_SIZE,
        "provider is anthropic, so the system property reactor.schedulers.defaultBoundedElasticSize"
            + " must be at least twice penstock.answers.concurrency");
    return Optional.of(
        new ModelSettings(
            spoken,
            baseUrl.isEmpty()
                ? (spoken == ModelSettings.Provider.OPENAI ? OPENAI : ANTHROPIC)
                : baseUrl,
            apiKey,
            model,
            system,
            contextTokens,
            answerTokens,
            idleTimeout,
            answerTimeout,
            requestsPerMinute,
            resume));
  }

  /// Without the key.
  @Override
  public String toString() {
    return "ModelProperties[%s %s at %s]".formatted(provider, model, baseUrl);
  }

  private static void require(boolean condition, String sentence) {
    if (!condition) {
      throw new IllegalArgumentException("penstock.answers.llm." + sentence);
    }
  }
}
