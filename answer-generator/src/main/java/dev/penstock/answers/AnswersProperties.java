package dev.penstock.answers;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/// Settings of the answer-generator; the defaults are in `penstock-answer-generator.yml`.
///
/// @param databaseUrl `jdbc:postgresql://…`
/// @param databaseUser a role that may read conversations and messages, and write messages and
///   answer_leases
/// @param databasePassword of that role; empty where the server trusts it
/// @param kafkaBootstrapServers `host:port,…`
/// @param topicPrefix the first part of every topic's name
/// @param group name of the share group
/// @param concurrency answers at once, 1 to 1000
/// @param attempts how often the answerer is asked before the answer fails, 1 to 20
/// @param attemptBackoff the first pause between attempts
/// @param answerTimeout of one answer, all attempts together
/// @param maxAnswerLength in UTF-16 units
/// @param maxClaims how many workers may begin one answer before it fails
/// @param lease how long an answer is lost with its worker
/// @param visibilityPatience how long to wait for a row whose record came first
/// @param recordLock how long Kafka waits for an acknowledgement; stock brokers take 15 s to 60 s
/// @param deliveryLimit after how many deliveries Kafka gives a record up, 2 to 10
/// @param sweepInterval pause between two looks into the database
/// @param sweepPendingAfter how old a row must be to be taken without a record
/// @param sweepLimit rows per sweep
/// @param closeGrace how long answers in work may still finish at the end, at most 2 s
/// @param offlineWordDelay pause after each word of the offline answerer
@ConfigurationProperties(prefix = "penstock.answers", ignoreUnknownFields = false)
record AnswersProperties(
    String databaseUrl,
    String databaseUser,
    String databasePassword,
    String kafkaBootstrapServers,
    String topicPrefix,
    String group,
    int concurrency,
    int attempts,
    Duration attemptBackoff,
    Duration answerTimeout,
    int maxAnswerLength,
    int maxClaims,
    Duration lease,
    Duration visibilityPatience,
    Duration recordLock,
    int deliveryLimit,
    Duration sweepInterval,
    Duration sweepPendingAfter,
    int sweepLimit,
    Duration closeGrace,
    Duration offlineWordDelay) {
  AnswersProperties {
    require(
        databaseUrl != null && databaseUrl.startsWith("jdbc:postgresql:"),
        "database-url must start with jdbc:postgresql:");
    require(isText(databaseUser), "database-user must not be empty");
    databasePassword = databasePassword == null ? "" : databasePassword;
    require(isText(kafkaBootstrapServers), "kafka-bootstrap-servers must be host:port,…");
    require(isText(topicPrefix), "topic-prefix must not be empty");
    require(isText(group), "group must not be empty");
    requireBetween(concurrency, 1, 1_000, "concurrency");
    requireBetween(attempts, 1, 20, "attempts");
    requireBetween(attemptBackoff, Duration.ofMillis(1), Duration.ofMinutes(1), "attempt-backoff");
    requireBetween(answerTimeout, Duration.ofMillis(100), Duration.ofHours(24), "answer-timeout");
    requireBetween(maxAnswerLength, 1, 10_000_000, "max-answer-length");
    requireBetween(maxClaims, 1, 1_000, "max-claims");
    requireBetween(lease, Duration.ofSeconds(1), Duration.ofMinutes(10), "lease");
    requireBetween(visibilityPatience, Duration.ZERO, Duration.ofMinutes(1), "visibility-patience");
    requireBetween(recordLock, Duration.ofSeconds(1), Duration.ofHours(1), "record-lock");
    requireBetween(deliveryLimit, 2, 10, "delivery-limit");
    requireBetween(sweepInterval, Duration.ofMillis(50), Duration.ofHours(1), "sweep-interval");
    requireBetween(sweepPendingAfter, Duration.ZERO, Duration.ofHours(24), "sweep-pending-after");
    requireBetween(sweepLimit, 1, 10_000, "sweep-limit");
    requireBetween(closeGrace, Duration.ZERO, Duration.ofSeconds(2), "close-grace");
    requireBetween(offlineWordDelay, Duration.ZERO, Duration.ofSeconds(10), "offline-word-delay");
  }

  AnswerRun.Limits limits() {
    return new AnswerRun.Limits(
        attempts, attemptBackoff, answerTimeout, maxClaims, maxAnswerLength, visibilityPatience);
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
