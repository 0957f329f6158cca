package dev.penstock.contracts.log;

import dev.penstock.contracts.log.LogRecord.Claim;
import dev.penstock.contracts.log.LogRecord.End;
import dev.penstock.contracts.log.LogRecord.Generation;
import dev.penstock.contracts.log.LogRecord.Part;
import dev.penstock.contracts.log.LogRecord.Progress;
import dev.penstock.contracts.log.LogRecord.RelationRecord;
import dev.penstock.contracts.log.LogRecord.Resume;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// The bytes of the log's records. What is rare is JSON, so that it may grow fields; what is
/// frequent is binary.
///
/// A record is `version(1) kind(1) generation(16) epoch(8) leader(8)` and its body. A part's body
/// is `number(8) firstEntry(4) firstSeq(4) count(4) flags(1) entries(4) commitLsn(8) xid(8)
/// commitMicros(8)` and its entries ([EntryCodec]); the fields behind `flags` are 0 unless it has
/// the end.
final class LogCodec {
  static final byte VERSION = 1;
  static final int STAMP_BYTES = 34;
  static final int PART_BYTES = 49;

  private static final int CLAIM = 1;
  private static final int GENERATION = 2;
  private static final int RESUME = 3;
  private static final int RELATION = 4;
  private static final int PART = 5;
  private static final int PROGRESS = 6;

  private static final int HAS_END = 1;
  private static final int SNAPSHOT = 2;

  /// A number that an older record lacks is 0.
  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES).build();

  private LogCodec() {}

  /// A decoded record: `stamp` and `body`.
  record Stamped(Stamp stamp, LogRecord body) {}

  static byte[] encode(Stamp stamp, LogRecord record) {
    return switch (record) {
      case Claim claim -> json(stamp, CLAIM, claim);
      case Generation generation -> json(stamp, GENERATION, generation);
      case Resume resume -> json(stamp, RESUME, resume);
      case RelationRecord relation -> json(stamp, RELATION, relation.relation());
      case Progress progress -> {
        ResumePoint point = progress.point();
        yield start(stamp, PROGRESS, STAMP_BYTES + 24)
            .putLong(point.commitLsn())
            .putLong(point.xid())
            .putLong(point.commitMicros())
            .toArray();
      }
      case Part part -> {
        Output output = startPart(stamp, part.number(), part.firstEntry(), part.firstSeq());
        ByteBuffer entries = part.entries();
        output.putBytes(
            entries.array(), entries.arrayOffset() + entries.position(), entries.remaining());
        finishPart(output, part.count(), part.end());
        yield output.toArray();
      }
    };
  }

  /// Begins a part whose entries are appended to the output; [#finishPart] fills in what is known
  /// only then.
  static Output startPart(Stamp stamp, long number, int firstEntry, int firstSeq) {
    Output output = new Output(512);
    startPart(output, stamp, number, firstEntry, firstSeq);
    return output;
  }

  /// Begins a part in an empty output.
  static void startPart(Output output, Stamp stamp, long number, int firstEntry, int firstSeq) {
    start(output, stamp, PART).putLong(number).putInt(firstEntry).putInt(firstSeq);
    output.putInt(0).putByte(0).putInt(0).putLong(0).putLong(0).putLong(0);
  }

  static void finishPart(Output output, int count, @Nullable End end) {
    ByteBuffer buffer = output.buffer().position(STAMP_BYTES + 16);
    buffer.putInt(count);
    if (end != null) {
      buffer.put((byte) (HAS_END | (end.snapshot() ? SNAPSHOT : 0)));
      buffer.putInt(end.entries());
      buffer
          .putLong(end.point().commitLsn())
          .putLong(end.point().xid())
          .putLong(end.point().commitMicros());
    }
  }

  /// @throws LogFormatException if the bytes are not a record of this version
  static Stamped decode(byte[] value) {
    try {
      ByteBuffer buffer = ByteBuffer.wrap(value);
      byte version = buffer.get();
      if (version != VERSION) {
        throw new LogFormatException(
            "the log has a record of format version "
                + version
                + ", this program reads version "
                + VERSION);
      }
      int kind = buffer.get();
      Stamp stamp =
          new Stamp(
              new UUID(buffer.getLong(), buffer.getLong()), buffer.getLong(), buffer.getLong());
      return new Stamped(stamp, body(kind, buffer));
    } catch (BufferUnderflowException | JacksonException | NullPointerException e) {
      throw new LogFormatException("a record of the log is cut or malformed", e);
    }
  }

  private static LogRecord body(int kind, ByteBuffer buffer) {
    return switch (kind) {
      case CLAIM -> json(buffer, Claim.class);
      case GENERATION -> json(buffer, Generation.class);
      case RESUME -> json(buffer, Resume.class);
      case RELATION -> new RelationRecord(json(buffer, Relation.class));
      case PROGRESS -> new Progress(point(buffer));
      case PART -> {
        long number = buffer.getLong();
        int firstEntry = buffer.getInt();
        int firstSeq = buffer.getInt();
        int count = buffer.getInt();
        int flags = buffer.get();
        int entries = buffer.getInt();
        ResumePoint point = point(buffer);
        End end = (flags & HAS_END) == 0 ? null : new End(entries, point, (flags & SNAPSHOT) != 0);
        yield new Part(number, firstEntry, firstSeq, count, end, buffer.slice());
      }
      default -> throw new LogFormatException("the log has a record of unknown kind " + kind);
    };
  }

  private static ResumePoint point(ByteBuffer buffer) {
    return new ResumePoint(buffer.getLong(), buffer.getLong(), buffer.getLong());
  }

  private static Output start(Stamp stamp, int kind, int capacity) {
    return start(new Output(capacity), stamp, kind);
  }

  private static Output start(Output output, Stamp stamp, int kind) {
    return output
        .putByte(VERSION)
        .putByte(kind)
        .putLong(stamp.generation().getMostSignificantBits())
        .putLong(stamp.generation().getLeastSignificantBits())
        .putLong(stamp.epoch())
        .putLong(stamp.leader());
  }

  private static byte[] json(Stamp stamp, int kind, Object body) {
    byte[] bytes = JSON.writeValueAsBytes(body);
    return start(stamp, kind, STAMP_BYTES + bytes.length)
        .putBytes(bytes, 0, bytes.length)
        .toArray();
  }

  private static <T> T json(ByteBuffer buffer, Class<T> type) {
    return JSON.readValue(
        buffer.array(), buffer.arrayOffset() + buffer.position(), buffer.remaining(), type);
  }
}
