package dev.penstock.replay;

import dev.penstock.contracts.Topics;
import dev.penstock.contracts.log.LogEvent;
import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.ReaderState;
import dev.penstock.contracts.log.Transaction;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/// The keyed topics of a prefix: they hold the whole history, where the log holds a week.
final class Archive implements AutoCloseable {
  /// A transaction of a router that died is aborted after 40 s at the latest.
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final long PAUSE_NANOS = 5_000_000;
  private static final Duration POLL = Duration.ofMillis(250);

  private final Map<String, Object> kafka;
  private final Topics topics;
  private final boolean events;
  private final Admin admin;

  /// @param events the questions, in place of the tables
  Archive(Map<String, Object> kafka, Topics topics, boolean events) {
    this.kafka = kafka;
    this.topics = topics;
    this.events = events;
    this.admin = Admin.create(kafka);
  }

  Admin admin() {
    return admin;
  }

  Topics topics() {
    return topics;
  }

  /// Up to where the router has routed everything: asked before [#ends], these have every
  /// transaction up to there whole. Empty where no router has a position.
  Optional<Place> routed() {
    String group = topics.prefix() + ".router";
    TopicPartition log = new TopicPartition(topics.log(), 0);
    ListConsumerGroupOffsetsSpec spec =
        new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(log));
    try {
      Map<TopicPartition, OffsetAndMetadata> offsets = Map.of();
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      // It is left out, not null, while a transaction is about to move it.
      while (!offsets.containsKey(log) && System.nanoTime() < deadline) {
        offsets =
            admin
                .listConsumerGroupOffsets(
                    Map.of(group, spec), new ListConsumerGroupOffsetsOptions().requireStable(true))
                .partitionsToOffsetAndMetadata(group)
                .get();
        if (!offsets.containsKey(log)) {
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      }
      if (!offsets.containsKey(log)) {
        throw new ReplayException("The router's position does not come to rest.");
      }
      OffsetAndMetadata offset = offsets.get(log);
      if (offset == null) {
        return Optional.empty();
      }
      String metadata = offset.metadata();
      ReaderState state = ReaderState.parse(metadata.substring(metadata.indexOf(' ') + 1));
      return Optional.of(new Place(state.generation(), state.point().commitLsn()));
    } catch (ExecutionException e) {
      throw unreachable(e);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  /// Behind everything that was written when it was called.
  ///
  /// Kafka shows a transaction partition by partition, and the router's position may be the first
  /// that it shows: a partition that has something undecided is awaited.
  Map<TopicPartition, Long> ends() {
    Map<TopicPartition, Long> written =
        offsets(OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Map<TopicPartition, Long> ends = offsets(OffsetSpec.latest(), IsolationLevel.READ_COMMITTED);
      if (written.entrySet().stream()
          .allMatch(end -> ends.getOrDefault(end.getKey(), 0L) >= end.getValue())) {
        return ends;
      }
      if (System.nanoTime() > deadline) {
        throw new ReplayException("The router's transaction does not come to an end.");
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  Map<TopicPartition, Long> begins() {
    return offsets(OffsetSpec.earliest(), IsolationLevel.READ_COMMITTED);
  }

  private Map<TopicPartition, Long> offsets(OffsetSpec spec, IsolationLevel isolation) {
    try {
      Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
      admin
          .describeTopics(names())
          .allTopicNames()
          .get()
          .forEach((name, topic) ->
              topic
                  .partitions()
                  .forEach(partition ->
                      wanted.put(new TopicPartition(name, partition.partition()), spec)));
      Map<TopicPartition, Long> offsets = new HashMap<>();
      admin
          .listOffsets(wanted, new ListOffsetsOptions(isolation))
          .all()
          .get()
          .forEach((partition, offset) -> offsets.put(partition, offset.offset()));
      return offsets;
    } catch (ExecutionException e) {
      throw unreachable(e);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private Collection<String> names() throws ExecutionException, InterruptedException {
    Set<String> others =
        Set.of(
            topics.log(), topics.questions(), topics.questionsDeadLetters(), topics.revocations());
    Set<String> all = admin.listTopics().names().get();
    List<String> names =
        events
            ? all.stream().filter(topics.questions()::equals).toList()
            : all.stream()
                .filter(name -> name.startsWith(topics.prefix() + ".") && !others.contains(name))
                .toList();
    if (names.isEmpty()) {
      throw new ReplayException(
          "There is no topic %s.…: say with --prefix how the topics' names begin."
              .formatted(topics.prefix()));
    }
    return names;
  }

  private static RuntimeException unreachable(ExecutionException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return new ReplayException("Kafka did not answer: " + cause.getMessage(), cause);
  }

  KafkaConsumer<byte[], byte[]> consumer() {
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 512 << 10);
    config.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 16 << 20);
    config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 50);
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2_000);
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /// The first transaction that ends at this offset of the log, or behind it.
  Place atLogOffset(long offset) {
    return inLog(offset, true);
  }

  /// The last transaction that ends at this offset of the log, or before it.
  Place upToLogOffset(long offset) {
    return inLog(offset, false);
  }

  private Place inLog(long offset, boolean first) {
    try (LogReader reader = LogReader.fromBeginning(kafka, topics.log())) {
      if (reader.nextOffset() > offset) {
        throw new ReplayException(
            "%s begins at offset %d: name an older place by time or txid."
                .formatted(topics.log(), reader.nextOffset()));
      }
      long end = reader.endOffset();
      Optional<Place> last = Optional.empty();
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (reader.nextOffset() < end && System.nanoTime() < deadline) {
        for (LogEvent event : reader.poll(POLL)) {
          deadline = System.nanoTime() + PATIENCE.toNanos();
          if (!(event instanceof Transaction transaction)) {
            continue;
          }
          long at = transaction.state().nextOffset() - 1;
          Place place = new Place(transaction.state().generation(), transaction.commitLsn());
          if (first ? at >= offset : at > offset) {
            return first ? place : last.orElseThrow(() -> noneAt(offset, end, false));
          }
          last = Optional.of(place);
        }
      }
      return last.filter(_ -> !first && offset < end).orElseThrow(() -> noneAt(offset, end, first));
    }
  }

  private ReplayException noneAt(long offset, long end, boolean first) {
    return new ReplayException(
        "%s ends at offset %d, and no transaction in it ends at or %s %d."
            .formatted(topics.log(), end - 1, first ? "behind" : "before", offset));
  }

  /// Refuses the name of a table of which there is no topic.
  void requireTables(Filter filter) {
    Map<String, String> named = filter.named();
    if (named.isEmpty()) {
      return;
    }
    try {
      Set<String> all = admin.listTopics().names().get();
      named.forEach((table, option) -> {
        if (!all.contains(topics.table("public", table))
            && !all.contains(topics.prefix() + "." + table)) {
          throw new OptionException(
              "%s: the archive has no topic %s, so there never was a row of this table."
                  .formatted(option, topics.table("public", table)));
        }
      });
    } catch (ExecutionException e) {
      throw unreachable(e);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  @Override
  public void close() {
    try {
      admin.close(Duration.ofSeconds(1));
    } catch (KafkaException e) {
      throw new ReplayException("Kafka's client could not be closed: " + e.getMessage(), e);
    }
  }
}
