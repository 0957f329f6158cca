package dev.penstock.bridge.router;

import dev.penstock.contracts.log.ReaderState;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;

/// Where the router stands: behind a transaction, and, within a very large one, behind so many of
/// the next transaction's entries. It is the metadata of the group's committed offset.
///
/// @param state of the log's reader
/// @param entries of the transaction behind it that are routed already
/// @param snapshotLsn of the generation's snapshot, 0 without one: up to there messages may come
///   that were routed in the generation before
record RouterPosition(ReaderState state, long entries, long snapshotLsn) {

  /// What is committed for the group, once no transaction of an earlier router is undecided.
  static Optional<RouterPosition> committed(Admin admin, String group, TopicPartition log) {
    try {
      OffsetAndMetadata offset =
          admin
              .listConsumerGroupOffsets(
                  Map.of(group, new ListConsumerGroupOffsetsSpec()),
                  new ListConsumerGroupOffsetsOptions().requireStable(true))
              .partitionsToOffsetAndMetadata(group)
              .get()
              .get(log);
      return offset == null ? Optional.empty() : Optional.of(parse(offset.metadata()));
    } catch (ExecutionException e) {
      throw new KafkaException("the router's position could not be read", e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  OffsetAndMetadata toOffset() {
    String at = snapshotLsn == 0 ? "" : ":" + snapshotLsn;
    return new OffsetAndMetadata(state.nextOffset(), entries + at + " " + state.toText());
  }

  private static RouterPosition parse(String metadata) {
    int space = metadata.indexOf(' ');
    if (space < 1) {
      throw new IllegalStateException("not a router's position: \"" + metadata + "\"");
    }
    String[] numbers = metadata.substring(0, space).split(":", 2);
    return new RouterPosition(
        ReaderState.parse(metadata.substring(space + 1)),
        Long.parseLong(numbers[0]),
        numbers.length < 2 ? 0 : Long.parseLong(numbers[1]));
  }
}
