package dev.penstock.contracts.log;

import dev.penstock.contracts.log.LogEntry.Ddl;
import dev.penstock.contracts.log.LogEntry.Delete;
import dev.penstock.contracts.log.LogEntry.Insert;
import dev.penstock.contracts.log.LogEntry.Message;
import dev.penstock.contracts.log.LogEntry.Oversize;
import dev.penstock.contracts.log.LogEntry.SnapshotRow;
import dev.penstock.contracts.log.LogEntry.Truncate;
import dev.penstock.contracts.log.LogEntry.Update;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/// The bytes of a part's entries: a kind, the relation's offset as a varint, and tuples.
///
/// A tuple is the number of its columns and, for each, the varint 0 for null, 1 for unchanged
/// TOAST, or 2 + length and the text. What is unchanged is in the whole old row: it is not written
/// twice.
final class EntryCodec {
  private static final int INSERT = 1;
  private static final int UPDATE = 2;
  private static final int UPDATE_WITHOUT_OLD = 3;
  private static final int DELETE = 4;
  private static final int SNAPSHOT_ROW = 5;
  private static final int OVERSIZE = 6;
  private static final int TRUNCATE = 7;
  private static final int DDL = 8;
  private static final int MESSAGE = 9;

  private EntryCodec() {}

  static void encode(Output output, LogEntry entry) {
    switch (entry) {
      case Insert(Relation relation, Tuple row) -> tuple(start(output, INSERT, relation), row);
      case Update update -> {
        Tuple old = update.old();
        if (old == null) {
          start(output, UPDATE_WITHOUT_OLD, update.relation());
        } else {
          tuple(start(output, UPDATE, update.relation()), old);
        }
        tuple(output, update.row());
      }
      case Delete(Relation relation, Tuple old) -> tuple(start(output, DELETE, relation), old);
      case SnapshotRow(Relation relation, Tuple row) ->
          tuple(start(output, SNAPSHOT_ROW, relation), row);
      case Oversize(Relation relation, String operation, Tuple key, long bytes) ->
          tuple(start(output, OVERSIZE, relation).putText(operation).putVarint(bytes), key);
      case Truncate(List<Relation> relations, boolean cascade, boolean restart) -> {
        output
            .putByte(TRUNCATE)
            .putByte((cascade ? 1 : 0) | (restart ? 2 : 0))
            .putVarint(relations.size());
        relations.forEach(relation -> output.putVarint(id(relation)));
      }
      case Ddl(String command) -> output.putByte(DDL).putText(command);
      case Message(String prefix, byte[] content) ->
          output.putByte(MESSAGE).putText(prefix).putSized(content);
    }
  }

  /// Decodes entries to the end of the buffer.
  ///
  /// @param relations finds a relation by the Kafka offset of its record
  static void decode(
      ByteBuffer entries, LongFunction<Relation> relations, Consumer<LogEntry> sink) {
    Input input = new Input(entries);
    try {
      while (input.hasMore()) {
        sink.accept(entry(input, relations));
      }
    } catch (BufferUnderflowException e) {
      throw new LogFormatException("an entry of the log is cut", e);
    }
  }

  private static LogEntry entry(Input input, LongFunction<Relation> relations) {
    int kind = input.getByte();
    return switch (kind) {
      case INSERT -> new Insert(relations.apply(input.getVarint()), input.getTuple());
      case UPDATE -> {
        Relation relation = relations.apply(input.getVarint());
        Tuple old = input.getTuple();
        Tuple row = input.getTuple();
        // A key has nulls in the place of all other values: it fills nothing.
        boolean whole = relation.replicaIdentity().equals("f");
        yield new Update(relation, old, whole ? row.withUnchangedFrom(old) : row);
      }
      case UPDATE_WITHOUT_OLD ->
          new Update(relations.apply(input.getVarint()), null, input.getTuple());
      case DELETE -> new Delete(relations.apply(input.getVarint()), input.getTuple());
      case SNAPSHOT_ROW -> new SnapshotRow(relations.apply(input.getVarint()), input.getTuple());
      case OVERSIZE -> {
        Relation relation = relations.apply(input.getVarint());
        String operation = input.getText();
        long bytes = input.getVarint();
        yield new Oversize(relation, operation, input.getTuple(), bytes);
      }
      case TRUNCATE -> {
        int flags = input.getByte();
        int count = input.getSize();
        List<Relation> truncated = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
          truncated.add(relations.apply(input.getVarint()));
        }
        yield new Truncate(truncated, (flags & 1) != 0, (flags & 2) != 0);
      }
      case DDL -> new Ddl(input.getText());
      case MESSAGE -> new Message(input.getText(), input.getBytes());
      default -> throw new LogFormatException("the log has an entry of unknown kind " + kind);
    };
  }

  private static Output start(Output output, int kind, Relation relation) {
    return output.putByte(kind).putVarint(id(relation));
  }

  private static long id(Relation relation) {
    if (relation.id() < 0) {
      throw new IllegalArgumentException(
          "relation " + relation.schema() + "." + relation.table() + " is not in the log yet");
    }
    return relation.id();
  }

  private static void tuple(Output output, Tuple tuple) {
    output.putVarint(tuple.size());
    for (int i = 0; i < tuple.size(); i++) {
      if (tuple.isNull(i)) {
        output.putVarint(0);
      } else if (tuple.isUnchanged(i)) {
        output.putVarint(1);
      } else {
        output
            .putVarint(tuple.length(i) + 2L)
            .putBytes(tuple.array(), tuple.start(i), tuple.length(i));
      }
    }
  }
}
