package dev.penstock.contracts.log;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One Kafka record of the log, without its [Stamp].
sealed interface LogRecord {
  /// A leader's term begins; the record's own Kafka offset is the epoch.
  ///
  /// @param instance who, for people
  /// @param atMicros when, microseconds since 1970-01-01 UTC, for people
  record Claim(String instance, long atMicros) implements LogRecord {}

  /// A new incarnation of the log opens: numbers start again at 1, and everything before is of
  /// another history.
  record Generation(UUID id, LogOrigin origin) implements LogRecord {
    public Generation {
      Objects.requireNonNull(id, "id");
      Objects.requireNonNull(origin, "origin");
    }
  }

  /// The first record behind a claim that goes on with a generation: what the leader found by the
  /// reader's own rule.
  ///
  /// @param origin the generation's, repeated so that the next takeover can check it without
  ///   reading back to the record that opened the generation
  record Resume(long number, ResumePoint point, LogOrigin origin) implements LogRecord {
    public Resume {
      Objects.requireNonNull(point, "point");
      Objects.requireNonNull(origin, "origin");
    }
  }

  record RelationRecord(Relation relation) implements LogRecord {}

  /// A piece of a transaction; the last piece has its end.
  ///
  /// @param number the transaction's dense number in its generation, from 1
  /// @param firstEntry how many entries the earlier pieces hold
  /// @param firstSeq how many row changes the earlier pieces hold
  /// @param count how many entries this piece holds
  /// @param entries the entries, encoded; see [EntryCodec#decode]
  record Part(
      long number, int firstEntry, int firstSeq, int count, @Nullable End end, ByteBuffer entries)
      implements LogRecord {}

  /// The end of a transaction.
  ///
  /// @param entries how many entries all pieces hold
  /// @param point commit LSN, xid and commit time: also where the source resumes
  /// @param snapshot whether it is a generation's opening snapshot, which means *replace*
  record End(int entries, ResumePoint point, boolean snapshot) {}

  /// The database moved on without a change that concerns the log.
  record Progress(ResumePoint point) implements LogRecord {}
}
