package dev.penstock.replay;

import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// Finds the transactions that bounds name, by reading the archive's headers once where it must.
final class BoundPlaces {
  private final Archive archive;
  private final ReplayProgress progress;

  BoundPlaces(Archive archive, ReplayProgress progress) {
    this.archive = archive;
    this.progress = progress;
  }

  /// Null where a bound is an open end or a time, which name no transaction.
  record Places(@Nullable Place from, @Nullable Place to) {
    static final Places NONE = new Places(null, null);
  }

  /// Finds both, and refuses an end that is seen to lie before the beginning.
  Places find(Bound from, Bound to) {
    Map<Bound, Set<Place>> sought = new LinkedHashMap<>();
    for (Bound bound : List.of(from, to)) {
      if (bound instanceof Bound.Txid || bound instanceof Bound.CommitLsn) {
        sought.put(bound, new HashSet<>());
      }
    }
    if (!sought.isEmpty()) {
      scan(sought);
    }
    Places places = new Places(place(from, sought, true), place(to, sought, false));
    if (isBefore(to, places.to(), from, places.from())) {
      throw backwards(from, to);
    }
    return places;
  }

  static OptionException backwards(Bound from, Bound to) {
    return new OptionException("--to %s lies before --from %s.".formatted(to, from));
  }

  private @Nullable Place place(Bound bound, Map<Bound, Set<Place>> found, boolean first) {
    return switch (bound) {
      case Bound.Open _, Bound.Time _ -> null;
      case Bound.Offset(long offset) ->
          first ? archive.atLogOffset(offset) : archive.upToLogOffset(offset);
      case Bound.Txid _, Bound.CommitLsn _ -> only(bound, found.getOrDefault(bound, Set.of()));
    };
  }

  private static boolean isBefore(
      Bound to, @Nullable Place end, Bound from, @Nullable Place begin) {
    if (to instanceof Bound.Time(Instant last) && from instanceof Bound.Time(Instant first)) {
      return last.isBefore(first);
    }
    return end != null
        && begin != null
        && end.generation().equals(begin.generation())
        && Long.compareUnsigned(end.commitLsn(), begin.commitLsn()) < 0;
  }

  private static Place only(Bound bound, Set<Place> found) {
    if (found.size() > 1) {
      throw new ReplayException(
          "The archive has %d transactions that are %s: 32-bit txids and restored databases repeat themselves. Name it otherwise, by offset or time."
              .formatted(found.size(), bound));
    }
    if (found.isEmpty()) {
      throw new ReplayException(
          "No transaction in the archive is %s: it changed no published table, was rolled back, or is not routed yet."
              .formatted(bound));
    }
    return found.iterator().next();
  }

  private void scan(Map<Bound, Set<Place>> sought) {
    Map<TopicPartition, Long> begins = archive.begins();
    Map<TopicPartition, Long> ends = archive.ends();
    try (Merge merge = new Merge(archive.consumer(), List.of())) {
      merge.extend(begins, ends);
      long offsets = ends.values().stream().mapToLong(Long::longValue).sum();
      progress.begin("Looking", offsets);
      for (Optional<ArchiveRecord> next = merge.peek(); next.isPresent(); next = merge.peek()) {
        ArchiveRecord record = next.get();
        sought.forEach((bound, places) -> {
          if (isNamed(bound, record)) {
            places.add(record.place());
          }
        });
        merge.take();
        progress.read(1, record.bytes());
      }
      progress.end();
    }
  }

  private static boolean isNamed(Bound bound, ArchiveRecord record) {
    return switch (bound) {
      case Bound.Txid(long txid) -> record.txid() == txid;
      case Bound.CommitLsn(long lsn) -> record.place().commitLsn() == lsn;
      case Bound.Open _, Bound.Time _, Bound.Offset _ -> false;
    };
  }
}
