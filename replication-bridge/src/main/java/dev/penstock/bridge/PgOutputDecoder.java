package dev.penstock.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.bridge.PgOutput.Begin;
import dev.penstock.bridge.PgOutput.Commit;
import dev.penstock.bridge.PgOutput.Deleted;
import dev.penstock.bridge.PgOutput.Described;
import dev.penstock.bridge.PgOutput.Emitted;
import dev.penstock.bridge.PgOutput.Field;
import dev.penstock.bridge.PgOutput.Inserted;
import dev.penstock.bridge.PgOutput.Irrelevant;
import dev.penstock.bridge.PgOutput.Truncated;
import dev.penstock.bridge.PgOutput.Updated;
import dev.penstock.contracts.log.Tuple;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// The bytes of `pgoutput`, as in "Logical Replication Message Formats" of Postgres' manual. Tuples
/// point into the message's own array; nothing is copied.
final class PgOutputDecoder {
  private PgOutputDecoder() {}

  /// @throws IllegalArgumentException if the message is of no kind that protocol version 1 has
  static PgOutput decode(ByteBuffer message) {
    char kind = (char) message.get();
    return switch (kind) {
      case 'I' -> inserted(message);
      case 'U' -> updated(message);
      case 'D' -> deleted(message);
      case 'B' -> begin(message);
      case 'C' -> commit(message);
      case 'R' -> described(message);
      case 'T' -> truncated(message);
      case 'M' -> emitted(message);
      case 'O', 'Y' -> new Irrelevant(kind);
      default -> throw new IllegalArgumentException("pgoutput sent a message of kind " + kind);
    };
  }

  private static PgOutput begin(ByteBuffer message) {
    long lsn = message.getLong();
    long micros = message.getLong() + PgOutput.POSTGRES_EPOCH_MICROS;
    return new Begin(lsn, micros, Integer.toUnsignedLong(message.getInt()));
  }

  private static PgOutput commit(ByteBuffer message) {
    message.get(); // Flags, unused.
    message.getLong(); // The commit record's start.
    long end = message.getLong();
    return new Commit(end, message.getLong() + PgOutput.POSTGRES_EPOCH_MICROS);
  }

  private static PgOutput described(ByteBuffer message) {
    long oid = oid(message);
    String schema = text(message);
    String table = text(message);
    String identity = Character.toString((char) message.get());
    int count = Short.toUnsignedInt(message.getShort());
    List<Field> fields = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      boolean key = (message.get() & 1) != 0;
      String name = text(message);
      fields.add(new Field(key, name, oid(message), message.getInt()));
    }
    return new Described(oid, schema.isEmpty() ? "pg_catalog" : schema, table, identity, fields);
  }

  private static PgOutput inserted(ByteBuffer message) {
    long oid = oid(message);
    expect(message, 'N');
    return new Inserted(oid, tuple(message));
  }

  private static PgOutput updated(ByteBuffer message) {
    long oid = oid(message);
    char part = (char) message.get();
    Tuple old = null;
    if (part == 'K' || part == 'O') {
      old = tuple(message);
      part = (char) message.get();
    }
    if (part != 'N') {
      throw new IllegalArgumentException("pgoutput sent an update without a new row");
    }
    // Unchanged TOAST stays that: the log's reader fills it in from a whole old row.
    return new Updated(oid, old, tuple(message));
  }

  private static PgOutput deleted(ByteBuffer message) {
    long oid = oid(message);
    message.get(); // 'K' or 'O': the relation's replica identity says the same.
    return new Deleted(oid, tuple(message));
  }

  private static PgOutput truncated(ByteBuffer message) {
    int count = message.getInt();
    int flags = message.get();
    List<Long> oids = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      oids.add(oid(message));
    }
    return new Truncated(oids, (flags & 1) != 0, (flags & 2) != 0);
  }

  private static PgOutput emitted(ByteBuffer message) {
    boolean transactional = (message.get() & 1) != 0;
    message.getLong(); // Its own LSN; the transaction's is what orders it.
    String prefix = text(message);
    byte[] content = new byte[message.getInt()];
    message.get(content);
    return new Emitted(transactional, prefix, content);
  }

  private static Tuple tuple(ByteBuffer message) {
    int columns = Short.toUnsignedInt(message.getShort());
    Tuple.Builder tuple = new Tuple.Builder(columns);
    for (int i = 0; i < columns; i++) {
      char kind = (char) message.get();
      switch (kind) {
        case 'n' -> tuple.addNull();
        case 'u' -> tuple.addUnchanged();
        case 't' -> {
          int length = message.getInt();
          tuple.add(message.array(), message.arrayOffset() + message.position(), length);
          message.position(message.position() + length);
        }
        default -> throw new IllegalArgumentException("pgoutput sent a value of kind " + kind);
      }
    }
    return tuple.build();
  }

  private static long oid(ByteBuffer message) {
    return Integer.toUnsignedLong(message.getInt());
  }

  private static String text(ByteBuffer message) {
    int start = message.position();
    while (message.get() != 0) {
      // To the terminating zero.
    }
    int length = message.position() - start - 1;
    return new String(message.array(), message.arrayOffset() + start, length, UTF_8);
  }

  private static void expect(ByteBuffer message, char expected) {
    char found = (char) message.get();
    if (found != expected) {
      throw new IllegalArgumentException(
          "pgoutput sent a tuple of kind " + found + " instead of " + expected);
    }
  }
}
