package dev.penstock.contracts;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.apache.kafka.common.utils.Utils;

/// The partition of a keyed record: Kafka's own murmur2, so that any Kafka client that keys by the
/// same text agrees.
public final class Partitions {
  private Partitions() {}

  /// The partition of a key's UTF-8 text among `partitions`.
  public static int of(String key, int partitions) {
    return Utils.toPositive(Utils.murmur2(key.getBytes(UTF_8))) % partitions;
  }
}
