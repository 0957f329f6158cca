package dev.penstock.bridge.router;

import dev.penstock.contracts.Topics;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What goes where.
///
/// @param replication replication factor of the topics that the router makes
/// @param database the database's name, as the envelopes' `source.db`
/// @param partitionColumns by table (`messages`, or `schema.table`), the column whose text decides
///   the partition; others are partitioned by their primary key
/// @param outbox by prefix of `pg_logical_emit_message`; what is not declared goes nowhere
/// @param tombstones whether a delete is followed by a record without value, for compacted topics
public record Routing(
    Topics topics,
    short replication,
    String database,
    Map<String, String> partitionColumns,
    Map<String, OutboxRoute> outbox,
    boolean tombstones) {
  public Routing {
    partitionColumns = Map.copyOf(partitionColumns);
    outbox = Map.copyOf(outbox);
  }

  @Nullable String partitionColumn(String schema, String table) {
    String column = partitionColumns.get(schema + "." + table);
    return column == null && schema.equals("public") ? partitionColumns.get(table) : column;
  }

  /// The group under which the router's position is committed, and its transactional id.
  String id() {
    return topics.prefix() + ".router";
  }
}
