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
public record LogOrigin(
    String reason,
    String systemIdentifier,
    int timeline,
    String database,
    String slot,
    String topicId,
    long startLsn) {
  public LogOrigin {
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(systemIdentifier, "systemIdentifier");
    Objects.requireNonNull(database, "database");
    Objects.requireNonNull(slot, "slot");
    Objects.requireNonNull(topicId, "topicId");
  }
}
