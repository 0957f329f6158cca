package dev.penstock.replay;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// Takes the archive's changes between two bounds to a target, in rounds: each up to where the
/// router was when the round began. So what is taken is always a whole number of transactions, and
/// following the live tail is one more round.
final class Replay {
  static final int MANY_RECORDS = 5_000;
  private static final long MANY_BYTES = 8 << 20;
  private static final long LONG_NANOS = 5_000_000_000L;
  private static final long FOLLOW_MILLIS = 200;

  /// @param events the questions, in place of the tables
  /// @param follow whether to go on with what is written from now on
  record Plan(Bound from, Bound to, Filter filter, boolean events, boolean follow) {
    String settings() {
      return (from instanceof Bound.Open ? "--from beginning" : "--from " + from)
          + (filter.toString().isEmpty() ? "" : " " + filter)
          + (events ? " --questions" : "");
    }
  }

  private final Archive archive;
  private final Plan plan;
  private final BoundPlaces.Places places;
  private final Target target;
  private final ReplayProgress progress;
  private final CountDownLatch stop;
  private final int batch;
  private final Selection selection;
  private final Map<TopicPartition, Long> next = new HashMap<>();
  private Predicate<ArchiveRecord> started = _ -> true;
  private Predicate<ArchiveRecord> ended = _ -> false;
  private boolean begun;
  private boolean finished;
  private @Nullable Place transaction;
  private boolean truncating;
  private long records;
  private long bytes;
  private long committed = System.nanoTime();

  /// @param places of the plan's bounds
  /// @param batch after how many records the target commits, at the next end of a transaction
  /// @param stop counted down to end it at the next transaction
  Replay(
      Archive archive,
      Plan plan,
      BoundPlaces.Places places,
      Target target,
      ReplayProgress progress,
      int batch,
      CountDownLatch stop) {
    this.archive = archive;
    this.plan = plan;
    this.places = places;
    this.target = target;
    this.progress = progress;
    this.batch = batch;
    this.stop = stop;
    this.selection = new Selection(plan, archive.topics().prefix(), target.readsRows());
  }

  /// Returns how many records were taken.
  long run() throws InterruptedException {
    Optional<Position> earlier = target.position();
    earlier.ifPresent(this::goOn);
    Map<TopicPartition, Long> begins = archive.begins();
    begins.forEach(next::putIfAbsent);
    try (Merge merge =
        new Merge(archive.consumer(), earlier.map(Position::generations).orElse(List.of()))) {
      started = started(merge, places.from());
      ended = ended(merge, places.to());
      begun = earlier.map(Position::begun).orElse(false);
      progress.begin("Replay", 0);
      do {
        round(merge);
        if (plan.follow() && !finished && stop.getCount() > 0) {
          progress.live();
        }
      } while (plan.follow() && !finished && !stop.await(FOLLOW_MILLIS, TimeUnit.MILLISECONDS));
      if (stop.getCount() > 0 && !plan.follow()) {
        target.finish();
      }
    }
    progress.end();
    return selection.taken();
  }

  private void goOn(Position position) {
    if (!position.settings().equals(plan.settings())) {
      throw new ReplayException(
          "The target has the position of another replay (%s): take the same options, another --job, or an empty target."
              .formatted(position.settings()));
    }
    next.putAll(position.next());
    progress.say("Going on where an earlier run of this replay stopped.");
  }

  private Predicate<ArchiveRecord> started(Merge merge, @Nullable Place place) {
    if (place != null) {
      return record -> record.place().equals(place) || merge.isBehind(record, place);
    }
    return plan.from() instanceof Bound.Time(Instant at)
        ? record -> selection.committedMicros(record) >= micros(at)
        : _ -> true;
  }

  private Predicate<ArchiveRecord> ended(Merge merge, @Nullable Place place) {
    if (place != null) {
      return record -> merge.isBehind(record, place);
    }
    return plan.to() instanceof Bound.Time(Instant at)
        ? record -> selection.committedMicros(record) > micros(at)
        : _ -> false;
  }

  private static long micros(Instant at) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, at);
  }

  private void round(Merge merge) {
    // In this order: what was routed then is in the topics up to these ends.
    Optional<Place> routed = archive.routed();
    Map<TopicPartition, Long> ends = archive.ends();
    merge.extend(next, ends);
    progress.left(left(ends));
    while (stop.getCount() > 0) {
      Optional<ArchiveRecord> peeked = merge.peek();
      if (peeked.isEmpty()) {
        break;
      }
      ArchiveRecord record = peeked.get();
      if (!record.place().equals(transaction)) {
        if (routed.isPresent() && merge.isBehind(record, routed.get())) {
          break;
        }
        if (ended.test(record)) {
          if (!begun && !started.test(record)) {
            throw BoundPlaces.backwards(plan.from(), plan.to());
          }
          finished = true;
          break;
        }
        begun = begun || started.test(record);
        if (full()) {
          commit(merge);
        }
        transaction = record.place();
        truncating = false;
      } else if (!truncating && overfull()) {
        // Once per change still, but not as a whole.
        commit(merge);
      }
      take(merge, record);
    }
    // A position within a transaction would lose what its truncations have done.
    if (stop.getCount() > 0 && records > 0) {
      commit(merge);
    }
  }

  private void take(Merge merge, ArchiveRecord record) {
    truncating = truncating || record.truncation() > 0;
    if (begun) {
      selection.select(record).ifPresent(change -> target.accept(record, change));
    }
    merge.take();
    Long was = next.put(record.partition(), record.record().offset() + 1);
    records++;
    bytes += record.bytes();
    progress.read(
        record.record().offset() + 1 - (was == null ? record.record().offset() : was),
        record.bytes());
  }

  private boolean full() {
    return records >= batch
        || bytes >= MANY_BYTES
        || (records > 0 && System.nanoTime() - committed > LONG_NANOS);
  }

  private boolean overfull() {
    return records >= 4L * batch || bytes >= 4 * MANY_BYTES;
  }

  private void commit(Merge merge) {
    target.commit(new Position(plan.settings(), next, merge.generations(), begun));
    records = 0;
    bytes = 0;
    committed = System.nanoTime();
  }

  private long left(Map<TopicPartition, Long> ends) {
    long left = 0;
    for (var end : ends.entrySet()) {
      left += Math.max(0, end.getValue() - next.getOrDefault(end.getKey(), 0L));
    }
    return left;
  }

  /// How many changes of each table were taken.
  Map<String, Long> taken() {
    return selection.byTable();
  }

  /// A line for each topic: of each partition, the offset with which a live consumer goes on.
  List<String> positions() {
    Map<String, List<String>> lines = new TreeMap<>();
    next.entrySet().stream()
        .sorted(Comparator.comparingInt(entry -> entry.getKey().partition()))
        .forEach(entry ->
            lines
                .computeIfAbsent(entry.getKey().topic(), _ -> new ArrayList<>())
                .add(entry.getKey().partition() + ":" + entry.getValue()));
    return lines.entrySet().stream()
        .map(line -> line.getKey() + " " + String.join(" ", line.getValue()))
        .toList();
  }
}
