package dev.penstock.contracts.log;

import java.util.Objects;

/// Where a generation of the log comes from, checked at every takeover.
///
/// @param reason why the generation was opened, a sentence for people
/// @param systemIdentifier `pg_control_system().system_identifier`, decimal
/// @param timeline `pg_control_checkpoint().timeline_id`
/// @param database the database's name
/// @param slot the replication slot's name
/// @param topicId Kafka's id of the log's topic
/// @param startLsn the slot's confirmed LSN when the generation was opened: the position before its
///   first transaction
/// @param snapshotLsn 0 unless the first transaction is a snapshot; then what it shows is the
///   database at this LSN, and of transactions up to there the log has no row, only messages
/// @param openedMicros when, microseconds since 1970-01-01 UTC; 0 in older records
public record LogOrigin(
    String reason,
    String systemIdentifier,
    int timeline,
    String database,
    String slot,
    String topicId,
    long startLsn,
    long snapshotLsn,
    long openedMicros) {
  public LogOrigin {
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(systemIdentifier, "systemIdentifier");
    Objects.requireNonNull(database, "database");
    Objects.requireNonNull(slot, "slot");
    Objects.requireNonNull(topicId, "topicId");
  }

  /// The origin of a generation that begins without a snapshot.
  public LogOrigin(
      String reason,
      String systemIdentifier,
      int timeline,
      String database,
      String slot,
      String topicId,
      long startLsn) {
    this(reason, systemIdentifier, timeline, database, slot, topicId, startLsn, 0, 0);
  }

  /// Whether the generation counts from its snapshot on: until that is whole, it has nothing.
  public boolean hasSnapshot() {
    return snapshotLsn != 0;
  }

  /// This origin on a later timeline of the same history.
  public LogOrigin onTimeline(int later) {
    return new LogOrigin(
        reason,
        systemIdentifier,
        later,
        database,
        slot,
        topicId,
        startLsn,
        snapshotLsn,
        openedMicros);
  }
}
