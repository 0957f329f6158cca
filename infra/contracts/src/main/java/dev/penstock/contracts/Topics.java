package dev.penstock.contracts;

import java.util.Objects;

/// Names of Kafka's topics. The prefix lets several databases share a cluster, and each test have
/// topics of its own.
///
/// @param prefix the first part of every name, `penstock` unless configured
public record Topics(String prefix) {
  /// Partitions of every keyed topic, fixed at creation: a key must never move.
  public static final int KEYED_PARTITIONS = 12;

  public Topics {
    Objects.requireNonNull(prefix, "prefix");
    if (!prefix.matches("[a-zA-Z0-9][a-zA-Z0-9._-]{0,100}")) {
      throw new IllegalArgumentException(
          "penstock.topics.prefix must be letters, digits, '.', '_' or '-', not \""
              + prefix
              + "\"");
    }
  }

  /// Every committed change in commit order: one partition, since one database has one order.
  public String log() {
    return prefix + ".log";
  }

  /// The changes of one table, keyed by its primary key. What Kafka allows in no name becomes `_`,
  /// as with Debezium, so tables whose names differ in nothing else share a topic.
  public String table(String schema, String table) {
    return prefix + "." + (schema + "." + table).replaceAll("[^a-zA-Z0-9._-]", "_");
  }

  /// `QuestionAsked` events, keyed by conversation.
  public String questions() {
    return prefix + ".questions";
  }

  /// What could not be answered, with cause and attempts.
  public String questionsDeadLetters() {
    return prefix + ".questions.dlq";
  }

  /// Revoked users, conversations and tokens; compacted.
  public String revocations() {
    return prefix + ".revocations";
  }
}
