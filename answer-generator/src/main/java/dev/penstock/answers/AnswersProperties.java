package dev.penstock.answers;

import dev.penstock.answers.model.ChatAnswerer;
import dev.penstock.answers.model.ModelSettings;
import dev.penstock.management.Management;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/// Settings of the answer-generator; the defaults are in `penstock-answer-generator.yml`.
///
/// @param databaseUrl `jdbc:postgresql://…`
/// @param databaseUser a role that may read conversations and messages, and write messages and
///   answer_leases
/// @param databasePassword of that role; empty where the server trusts it
/// @param kafkaBootstrapServers `host:port,…`
/// @param kafka more of the Kafka clients' configuration, such as `security.protocol`
/// @param topicPrefix the first part of every topic's name
/// @param group name of the share group
/// @param concurrency answers at once, 1 to 1000
/// @param attempts how often the answerer is asked before the answer fails, 1 to 20
/// @param attemptBackoff the first pause between attempts
/// @param longestPause between attempts, also where a provider asks for more
/// @param answerTimeout of one answer, all attempts together
/// @param maxAnswerLength in UTF-16 units
/// @param historyMessages of the conversation before the question, at most 1000
/// @param maxClaims how many workers may begin one answer before it fails
/// @param lease how long an answer is lost with its worker
/// @param stopPoll how often a worker looks whether its answers were stopped
/// @param updateInterval between two updates of a growing answer
/// @param sentencePatience how long an update waits for the end of a sentence
/// @param maxAmplification all updates of an answer by its final text, in bytes of text, 2 to 1000
/// @param visibilityPatience how long to wait for a row whose record came first
/// @param recordLock how long Kafka waits for an acknowledgement; stock brokers take 15 s to 60 s
/// @param deliveryLimit after how many deliveries Kafka gives a record up, 2 to 10
/// @param sweepInterval pause between two looks into the database
/// @param sweepPendingAfter how old a row must be to be taken without a record
/// @param sweepLimit rows per sweep
/// @param longestQueueAge how old an answer may be that nobody works at, before the health is down
/// @param longestSilence of the model towards all answers in work, before this is not ready
/// @param deadLetterRetention how long a dead letter waits for an operator
/// @param mostDeadLetters how many wait, 1 to 1000000; the oldest are dropped
/// @param closeGrace how long answers in work may still finish at the end, at most 2 s
/// @param offlineWordDelay pause after each word of the offline answerer
/// @param managementAddress where health and metrics are served
/// @param managementPort 0 for a free one, -1 for none
/// @param llm which language model answers
@ConfigurationProperties(prefix = "penstock.answers", ignoreUnknownFields = false)
record AnswersProperties(
    String databaseUrl,
    String databaseUser,
    String databasePassword,
    String kafkaBootstrapServers,
    @Nullable Map<String, String> kafka,
    String topicPrefix,
    String group,
    int concurrency,
    int attempts,
    Duration attemptBackoff,
    Duration longestPause,
    Duration answerTimeout,
    int maxAnswerLength,
    int historyMessages,
    int maxClaims,
    Duration lease,
    Duration stopPoll,
    Duration updateInterval,
    Duration sentencePatience,
    double maxAmplification,
    Duration visibilityPatience,
    Duration recordLock,
    int deliveryLimit,
    Duration sweepInterval,
    Duration sweepPendingAfter,
    int sweepLimit,
    Duration longestQueueAge,
    Duration longestSilence,
    Duration deadLetterRetention,
    int mostDeadLetters,
    Duration closeGrace,
    Duration offlineWordDelay,
    String managementAddress,
    int managementPort,
    ModelProperties llm) {
  AnswersProperties {
    require(
        databaseUrl != null && databaseUrl.startsWith("jdbc:postgresql:"),
        "database-url must start with jdbc:postgresql:");
    require(isText(databaseUser), "database-user must not be empty");
    databasePassword = databasePassword == null ? "" : databasePassword;
    require(isText(kafkaBootstrapServers), "kafka-bootstrap-servers must be host:port,…");
    kafka = kafka == null ? Map.of() : Map.copyOf(kafka);
    require(isText(topicPrefix), "topic-prefix must not be empty");
    require(isText(group), "group must not be empty");
    requireBetween(concurrency, 1, 1_000, "concurrency");
    requireBetween(attempts, 1, 20, "attempts");
    requireBetween(attemptBackoff, Duration.ofMillis(1), Duration.ofMinutes(1), "attempt-backoff");
    requireBetween(longestPause, attemptBackoff, Duration.ofHours(1), "longest-pause");
    requireBetween(answerTimeout, Duration.ofMillis(100), Duration.ofHours(24), "answer-timeout");
    requireBetween(maxAnswerLength, 1, 10_000_000, "max-answer-length");
    requireBetween(historyMessages, 0, 1_000, "history-messages");
    requireBetween(maxClaims, 1, 1_000, "max-claims");
    requireBetween(lease, Duration.ofSeconds(1), Duration.ofMinutes(10), "lease");
    requireBetween(stopPoll, Duration.ofMillis(20), Duration.ofSeconds(1), "stop-poll");
    // So that with the final one there are never more than four in a second.
    requireBetween(
        updateInterval, Duration.ofMillis(334), Duration.ofMinutes(1), "update-interval");
    requireBetween(sentencePatience, Duration.ZERO, Duration.ofMinutes(1), "sentence-patience");
    require(
        maxAmplification >= 2 && maxAmplification <= 1_000,
        "max-amplification must be 2 to 1000, not " + maxAmplification);
    requireBetween(visibilityPatience, Duration.ZERO, Duration.ofMinutes(1), "visibility-patience");
    requireBetween(recordLock, Duration.ofSeconds(1), Duration.ofHours(1), "record-lock");
    requireBetween(deliveryLimit, 2, 10, "delivery-limit");
    requireBetween(sweepInterval, Duration.ofMillis(50), Duration.ofHours(1), "sweep-interval");
    requireBetween(sweepPendingAfter, Duration.ZERO, Duration.ofHours(24), "sweep-pending-after");
    requireBetween(sweepLimit, 1, 10_000, "sweep-limit");
    requireBetween(
        longestQueueAge, Duration.ofSeconds(1), Duration.ofHours(24), "longest-queue-age");
    requireBetween(longestSilence, Duration.ofSeconds(1), Duration.ofHours(24), "longest-silence");
    requireBetween(
        deadLetterRetention,
        Duration.ofMinutes(1),
        Duration.ofDays(3_650),
        "dead-letter-retention");
    requireBetween(mostDeadLetters, 1, 1_000_000, "most-dead-letters");
    requireBetween(closeGrace, Duration.ZERO, Duration.ofSeconds(2), "close-grace");
    requireBetween(offlineWordDelay, Duration.ZERO, Duration.ofSeconds(10), "offline-word-delay");
    require(isText(managementAddress), "management-address must not be empty");
    var _ = Management.wanted("penstock.answers", managementPort);
  }

  Map<String, Object> kafkaClients() {
    Map<String, Object> settings = new HashMap<>();
    if (kafka != null) {
      settings.putAll(kafka);
    }
    settings.put("bootstrap.servers", kafkaBootstrapServers);
    return settings;
  }

  /// Without secrets.
  @Override
  public String toString() {
    return "AnswersProperties[%s, %s, %s]".formatted(databaseUser, kafkaBootstrapServers, llm);
  }

  Answerer answerer() {
    Optional<ModelSettings> settings = llm.settings(answerTimeout, concurrency);
    return settings.isPresent()
        ? new ChatAnswerer(settings.get())
        : new OfflineAnswerer(offlineWordDelay);
  }

  AnswerRun.Limits limits() {
    return new AnswerRun.Limits(
        attempts,
        attemptBackoff,
        longestPause,
        answerTimeout,
        maxClaims,
        maxAnswerLength,
        historyMessages,
        visibilityPatience,
        lease,
        new Growth.Limits(updateInterval, sentencePatience, maxAmplification));
  }

  private static boolean isText(@Nullable String value) {
    return value != null && !value.isBlank();
  }

  private static void requireBetween(int value, int least, int most, String key) {
    require(
        value >= least && value <= most,
        key + " must be " + least + " to " + most + ", not " + value);
  }

  private static void requireBetween(
      @Nullable Duration value, Duration least, Duration most, String key) {
    require(
        value != null && value.compareTo(least) >= 0 && value.compareTo(most) <= 0,
        key + " must be " + least + " to " + most + ", not " + value);
  }

  private static void require(boolean condition, String sentence) {
    if (!condition) {
      throw new IllegalArgumentException("penstock.answers." + sentence);
    }
  }
}
