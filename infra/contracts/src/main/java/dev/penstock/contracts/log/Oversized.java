package dev.penstock.contracts.log;

import dev.penstock.contracts.log.LogEntry.Ddl;
import dev.penstock.contracts.log.LogEntry.Delete;
import dev.penstock.contracts.log.LogEntry.Insert;
import dev.penstock.contracts.log.LogEntry.Message;
import dev.penstock.contracts.log.LogEntry.Oversize;
import dev.penstock.contracts.log.LogEntry.SnapshotRow;
import dev.penstock.contracts.log.LogEntry.Truncate;
import dev.penstock.contracts.log.LogEntry.Update;

/// What stands in the log for an entry that no record of it can hold.
final class Oversized {
  private Oversized() {}

  /// At least so many bytes has the entry in a record; found without encoding it.
  static long atLeast(LogEntry entry) {
    return switch (entry) {
      case Insert(Relation _, Tuple row) -> row.byteSize();
      case Update update -> {
        Tuple old = update.old();
        yield update.row().byteSize() + (old == null ? 0 : old.byteSize());
      }
      case Delete(Relation _, Tuple old) -> old.byteSize();
      case SnapshotRow(Relation _, Tuple row) -> row.byteSize();
      case Message(String prefix, byte[] content) -> (long) prefix.length() + content.length;
      case Ddl(String command) -> command.length();
      case Oversize _, Truncate _ -> 0;
    };
  }

  static LogEntry of(LogEntry entry, long bytes) {
    return switch (entry) {
      case Insert(Relation relation, Tuple row) ->
          new Oversize(relation, "insert", kept(relation, row), bytes);
      case Update update ->
          new Oversize(update.relation(), "update", kept(update.relation(), update.row()), bytes);
      case Delete(Relation relation, Tuple old) ->
          new Oversize(relation, "delete", kept(relation, old), bytes);
      case SnapshotRow(Relation relation, Tuple row) ->
          new Oversize(relation, "snapshot", kept(relation, row), bytes);
      case Message(String prefix, byte[] _) -> new Message(prefix, new byte[0]);
      case Oversize _, Truncate _, Ddl _ ->
          throw new IllegalArgumentException(
              "an entry of " + bytes + " bytes does not fit into a record");
    };
  }

  private static Tuple kept(Relation relation, Tuple row) {
    Tuple.Builder kept = new Tuple.Builder(row.size());
    for (int i = 0; i < row.size(); i++) {
      boolean inKey = i < relation.columns().size() && relation.columns().get(i).keyIndex() >= 0;
      int length = row.length(i);
      if (length >= 0 && (inKey || length <= LogEntry.Oversize.MAX_KEPT_BYTES)) {
        kept.add(row.array(), row.start(i), length);
      } else {
        kept.addNull();
      }
    }
    return kept.build();
  }
}
