package dev.penstock.bridge.router;

import dev.penstock.contracts.Outbox;
import dev.penstock.contracts.Topics;
import java.util.Set;

/// A declared prefix of `pg_logical_emit_message`.
///
/// @param topic the full name of the topic
/// @param key the field of the content that is the record's key
/// @param schema what the content must be
public record OutboxRoute(String topic, String key, PayloadSchema schema) {
  private static final Set<String> RESERVED = Set.of(Outbox.DDL, Outbox.HEARTBEAT, Outbox.TRACE);

  private static final String DEAD_LETTERS = ".dlq";

  /// The topic of what is not as declared.
  String deadLetters() {
    return topic + DEAD_LETTERS;
  }

  /// Whether the prefix is the bridge's own, never to be routed.
  public static boolean reserved(String prefix) {
    return RESERVED.contains(prefix);
  }

  /// Whether a topic may be written to by whoever may emit messages: none that Penstock trusts.
  public static boolean forbidden(Topics topics, String topic) {
    return topic.equals(topics.log())
        || topic.equals(topics.revocations())
        || topic.startsWith("__");
  }
}
