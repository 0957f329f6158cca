package dev.penstock.replay;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Takes the values from the records of rows that are gone, in every keyed topic that has them.
final class Erasure {
  private final Archive archive;
  private final Map<String, Object> kafka;
  private final Filter filter;
  private final ReplayProgress progress;
  private final NoBridge lead;

  /// By topic, the keys of the rows, and whether the row is there at the end.
  private final Map<String, Map<ByteBuffer, Boolean>> rows = new TreeMap<>();

  Erasure(
      Archive archive,
      Map<String, Object> kafka,
      Filter filter,
      ReplayProgress progress,
      NoBridge lead) {
    this.archive = archive;
    this.kafka = kafka;
    this.filter = filter;
    this.progress = progress;
    this.lead = lead;
  }

  void run(boolean dryRun) {
    TopicRewrite rewrite = new TopicRewrite(archive, kafka, progress, lead);
    if (!dryRun) {
      rewrite.finishEarlier();
    }
    archive.requireTables(filter);
    find();
    rows.forEach((topic, keys) -> progress.say("  %s: %d rows".formatted(topic, keys.size())));
    requireGone();
    if (dryRun) {
      return;
    }
    rows.forEach((topic, keys) -> rewrite.run(topic, new HashSet<>(keys.keySet())));
    progress.say(
        rows.isEmpty() ? "There is nothing to erase." : "Erased. The bridge may start again.");
  }

  private void find() {
    var ends = archive.ends();
    try (Merge merge = new Merge(archive.consumer(), List.of())) {
      merge.extend(archive.begins(), ends);
      progress.begin("Looking", ends.values().stream().mapToLong(Long::longValue).sum());
      for (Optional<ArchiveRecord> next = merge.peek(); next.isPresent(); next = merge.peek()) {
        look(next.get());
        merge.take();
        progress.read(1, next.get().bytes());
      }
      progress.end();
    }
  }

  private void look(ArchiveRecord record) {
    byte[] value = record.record().value();
    byte[] key = record.record().key();
    Optional<Change> change =
        value == null ? Optional.empty() : Change.of(value, archive.topics().prefix(), true);
    if (change.isEmpty()) {
      return;
    }
    Change found = change.get();
    String topic = record.record().topic();
    Map<ByteBuffer, Boolean> known = rows.getOrDefault(topic, Map.of());
    if (found.isTruncation()) {
      known.replaceAll((_, _) -> false);
      return;
    }
    boolean matches =
        filter.wantsTable(found)
            && filter.concerns(found)
            && (filter.matches(found, found.after()) || filter.matches(found, found.before()));
    if (key == null) {
      if (matches) {
        throw new ReplayException(
            "%s has no primary key, so its rows cannot be told apart: erase the topic as a whole."
                .formatted(found.qualified()));
      }
    } else if (matches || known.containsKey(ByteBuffer.wrap(key))) {
      rows.computeIfAbsent(topic, _ -> new HashMap<>())
          .put(ByteBuffer.wrap(key), found.after() != null);
    }
  }

  /// A row that is still there would be missing from every replay.
  private void requireGone() {
    rows.forEach((topic, keys) -> {
      Set<ByteBuffer> there = new HashSet<>();
      keys.forEach((key, present) -> {
        if (present) {
          there.add(key);
        }
      });
      if (!there.isEmpty()) {
        throw new ReplayException(
            "%d of these rows are still in the table of %s: delete them in the database first, and wait until the bridge has routed that."
                .formatted(there.size(), topic));
      }
    });
  }
}
