package dev.penstock.replay;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// The records of many partitions in one order: by generation, commit LSN and place in the
/// transaction; those of one partition in their own order.
///
/// What is held of each partition is bounded: a MiB, or one record if that is larger.
final class Merge implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Map<TopicPartition, Lane> lanes = new HashMap<>();
  private final Set<Lane> waiting = new LinkedHashSet<>();
  private final Set<UUID> generations;
  private @Nullable UUID current;
  private PriorityQueue<Lane> heads = new PriorityQueue<>(this::compare);

  /// @param generations those before, in their order; of a replay that goes on, the last is the
  ///   present one
  Merge(KafkaConsumer<byte[], byte[]> consumer, Collection<UUID> generations) {
    this.consumer = consumer;
    this.generations = new LinkedHashSet<>(generations);
    generations.forEach(generation -> current = generation);
  }

  /// Adds partitions, or moves their ends.
  ///
  /// @param from for partitions that are not in it yet
  void extend(Map<TopicPartition, Long> from, Map<TopicPartition, Long> ends) {
    List<TopicPartition> added =
        ends.keySet().stream().filter(partition -> !lanes.containsKey(partition)).toList();
    if (!added.isEmpty()) {
      List<TopicPartition> all = new ArrayList<>(lanes.keySet());
      all.addAll(added);
      consumer.assign(all);
      for (TopicPartition partition : added) {
        lanes.put(partition, new Lane(partition));
        consumer.seek(partition, from.getOrDefault(partition, 0L));
      }
    }
    ends.forEach((partition, end) -> {
      Lane lane = lane(partition);
      lane.end = end;
      // One that was at its end has a head by now, where a poll for others brought it more.
      if (!lane.merging) {
        waiting.add(lane);
      }
    });
  }

  /// The generations met so far, in their order.
  List<UUID> generations() {
    return List.copyOf(generations);
  }

  /// Whether the record is behind the place.
  boolean isBehind(ArchiveRecord record, Place place) {
    return record.place().generation().equals(place.generation())
        ? Long.compareUnsigned(record.place().commitLsn(), place.commitLsn()) > 0
        : generations.contains(place.generation());
  }

  /// The next record, which stays until [#take]; empty where all ends are reached.
  Optional<ArchiveRecord> peek() {
    fill();
    Lane top = heads.peek();
    if (top == null) {
      return Optional.empty();
    }
    ArchiveRecord record = head(top);
    if (!record.place().generation().equals(current)) {
      current = record.place().generation();
      generations.add(current);
      // What is first depends on the generation.
      PriorityQueue<Lane> again = new PriorityQueue<>(this::compare);
      again.addAll(heads);
      heads = again;
      return Optional.of(head(java.util.Objects.requireNonNull(heads.peek())));
    }
    return Optional.of(record);
  }

  /// Takes what [#peek] returned.
  void take() {
    Lane lane = heads.remove();
    lane.pop();
    if (lane.head() == null) {
      lane.merging = false;
      waiting.add(lane);
    } else {
      heads.add(lane);
    }
  }

  /// Reads until each partition has a head or is at its end.
  private void fill() {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!waiting.isEmpty()) {
      waiting.removeIf(lane -> {
        if (lane.head() != null) {
          lane.merging = true;
          heads.add(lane);
          return true;
        }
        return consumer.position(lane.partition) >= lane.end;
      });
      if (waiting.isEmpty()) {
        return;
      }
      if (System.nanoTime() > deadline) {
        throw new ReplayException(
            "Kafka sent nothing of %s for %d s."
                .formatted(waiting.iterator().next().partition, PATIENCE.toSeconds()));
      }
      throttle();
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        lane(new TopicPartition(record.topic(), record.partition())).add(record);
      }
    }
  }

  private void throttle() {
    List<TopicPartition> pause = new ArrayList<>();
    List<TopicPartition> resume = new ArrayList<>();
    for (Lane lane : lanes.values()) {
      if (lane.enough() != lane.paused) {
        lane.paused = !lane.paused;
        (lane.paused ? pause : resume).add(lane.partition);
      }
    }
    consumer.pause(pause);
    consumer.resume(resume);
  }

  private Lane lane(TopicPartition partition) {
    return java.util.Objects.requireNonNull(lanes.get(partition));
  }

  private static ArchiveRecord head(Lane lane) {
    return java.util.Objects.requireNonNull(lane.head());
  }

  /// Of two generations neither of which is the present one, the one that was written first.
  private int compare(Lane one, Lane other) {
    ArchiveRecord left = head(one);
    ArchiveRecord right = head(other);
    UUID leftGeneration = left.place().generation();
    UUID rightGeneration = right.place().generation();
    if (leftGeneration.equals(rightGeneration)) {
      return left.compareWithin(right);
    }
    if (leftGeneration.equals(current) || rightGeneration.equals(current)) {
      return leftGeneration.equals(current) ? -1 : 1;
    }
    return Long.compare(left.record().timestamp(), right.record().timestamp());
  }

  @Override
  public void close() {
    consumer.close();
  }
}
