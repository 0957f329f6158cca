package dev.penstock.replay;

import dev.penstock.contracts.Headers;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What of the archive's records is wanted, and what it means for whoever wants it.
final class Selection {
  private record Truncation(Place place, int count) {}

  private final Replay.Plan plan;
  private final String writer;
  private final boolean rows;
  private final Map<String, Truncation> truncations = new HashMap<>();
  private final Map<String, Long> byTable = new HashMap<>();
  private long taken;
  private @Nullable ArchiveRecord parsed;
  private Optional<Change> change = Optional.empty();

  /// @param writer the topics' prefix: a longer one begins the same
  /// @param rows whether what is selected is wanted with its columns
  Selection(Replay.Plan plan, String writer, boolean rows) {
    this.plan = plan;
    this.writer = writer;
    this.rows = rows || !plan.filter().conditions().isEmpty();
  }

  long committedMicros(ArchiveRecord record) {
    // An event has no envelope; it is emitted when it is committed.
    return parse(record).map(Change::committedMicros).orElse(record.record().timestamp() * 1_000);
  }

  @SuppressWarnings("ReferenceEquality") // the same one again
  private Optional<Change> parse(ArchiveRecord record) {
    if (parsed != record) {
      byte[] value = record.record().value();
      change = value == null || plan.events() ? Optional.empty() : Change.of(value, writer, rows);
      parsed = record;
    }
    return change;
  }

  Optional<Replayed> select(ArchiveRecord record) {
    Optional<Replayed> selected =
        plan.events() ? event(record) : parse(record).flatMap(found -> row(record, found));
    if (selected.isPresent()) {
      taken++;
      String what = plan.events() ? "events" : change.map(Change::qualified).orElse("");
      byTable.merge(what, 1L, Long::sum);
    }
    return selected;
  }

  private static Optional<Replayed> event(ArchiveRecord record) {
    // What a replay wrote is no history of its own.
    return record.record().headers().lastHeader(Headers.REPLAYED) != null
            || record.record().value() == null
        ? Optional.empty()
        : Optional.of(new Replayed.Event());
  }

  private Optional<Replayed> row(ArchiveRecord record, Change found) {
    if (!plan.filter().wantsTable(found)) {
      return Optional.empty();
    }
    if (found.isTruncation()) {
      return truncation(record, found);
    }
    JsonNode before = found.before();
    if (plan.filter().matches(found, found.after())) {
      return Optional.of(new Replayed.Row(found));
    }
    boolean gone =
        plan.filter().matches(found, before)
            || (before != null
                && hasKeyOnly(record, before)
                && plan.filter().allows(found, before));
    return gone ? Optional.of(new Replayed.Gone(found)) : Optional.empty();
  }

  /// A delete without the old row: of a table whose replica identity is its key, or of a row that a
  /// new generation's snapshot lacks. Nothing says that the row was not wanted.
  private static boolean hasKeyOnly(ArchiveRecord record, JsonNode before) {
    byte[] key = record.record().key();
    if (key == null) {
      return false;
    }
    JsonNode columns = Change.JSON.readTree(key);
    return before.properties().stream()
        .allMatch(field -> field.getValue().isNull() || columns.has(field.getKey()));
  }

  private Optional<Replayed> truncation(ArchiveRecord record, Change found) {
    Truncation last = truncations.get(found.qualified());
    if (last != null
        && last.place().equals(record.place())
        && record.truncation() <= last.count()) {
      return Optional.of(new Replayed.Truncated(found, false));
    }
    truncations.put(found.qualified(), new Truncation(record.place(), record.truncation()));
    return Optional.of(new Replayed.Truncated(found, true));
  }

  long taken() {
    return taken;
  }

  /// How many changes of each table were taken.
  Map<String, Long> byTable() {
    return Map.copyOf(byTable);
  }
}
