package dev.penstock.replay;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/// Finds the transactions that bounds name, by reading the archive's headers once where it must.
final class BoundPlaces {
  private final Archive archive;
  private final ReplayProgress progress;

  BoundPlaces(Archive archive, ReplayProgress progress) {
    this.archive = archive;
    this.progress = progress;
  }

  /// The places of all bounds but open ends and times, which name no transaction.
  Map<Bound, Place> find(Set<Bound> bounds) {
    Map<Bound, Place> places = new HashMap<>();
    Map<Bound, Set<Place>> sought = new HashMap<>();
    for (Bound bound : bounds) {
      switch (bound) {
        case Bound.Open _, Bound.Time _ -> {}
        case Bound.Offset(long offset) -> places.put(bound, archive.atLogOffset(offset));
        case Bound.Txid _, Bound.CommitLsn _ -> sought.put(bound, new HashSet<>());
      }
    }
    if (!sought.isEmpty()) {
      scan(sought);
    }
    sought.forEach((bound, found) -> places.put(bound, only(bound, found)));
    return places;
  }

  private static Place only(Bound bound, Set<Place> found) {
    if (found.size() > 1) {
      throw new ReplayException(
          "The archive has %d transactions of that name (%s): 32-bit txids and restored databases repeat them; name it otherwise."
              .formatted(found.size(), bound));
    }
    if (found.isEmpty()) {
      throw new ReplayException(
          "No transaction in the archive is %s: it changed no published table, or is not routed yet."
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
