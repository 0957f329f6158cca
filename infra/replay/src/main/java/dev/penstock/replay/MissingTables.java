package dev.penstock.replay;

import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.Relation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Makes tables that the target lacks, with the columns, types and primary keys that the log says.
/// Indexes, defaults and other constraints are nobody's but the target's owner's.
final class MissingTables {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final long FIRST_NORMAL_OID = 16_384;

  private final Map<String, Object> kafka;
  private final String log;

  MissingTables(Map<String, Object> kafka, String log) {
    this.kafka = kafka;
    this.log = log;
  }

  TargetTable findOrMake(Connection connection, String schema, String table) throws SQLException {
    Optional<TargetTable> found = TargetTable.find(connection, schema, table);
    if (found.isPresent()) {
      return found.get();
    }
    make(
        connection,
        relation(schema, table)
            .orElseThrow(() ->
                new ReplayException(
                    "The target has no table %s.%s, and %s no longer says what it is like: make it first."
                        .formatted(schema, table, log))));
    return TargetTable.find(connection, schema, table).orElseThrow();
  }

  /// The leader's claim repeats what every table is like, so the log always has it.
  private Optional<Relation> relation(String schema, String table) {
    try (LogReader reader = LogReader.fromLatestClaim(kafka, log)) {
      long end = reader.endOffset();
      while (reader.nextOffset() < end) {
        if (reader.poll(POLL).isEmpty() && reader.lag().orElse(1) == 0) {
          break;
        }
      }
      return reader.relations().values().stream()
          .filter(relation -> relation.schema().equals(schema) && relation.table().equals(table))
          .max((one, other) -> Long.compare(one.id(), other.id()));
    }
  }

  private static void make(Connection connection, Relation relation) throws SQLException {
    List<String> lines = new ArrayList<>();
    for (Relation.Column column : relation.columns()) {
      lines.add(
          TargetTable.quote(column.name())
              + " "
              + type(connection, column)
              + (column.notNull() ? " not null" : ""));
    }
    int[] key = relation.keyColumns();
    if (key.length > 0) {
      lines.add(
          "primary key ("
              + java.util.Arrays.stream(key)
                  .mapToObj(i -> TargetTable.quote(relation.columns().get(i).name()))
                  .collect(Collectors.joining(", "))
              + ")");
    }
    try (Statement statement = connection.createStatement()) {
      if (!relation.schema().equals("public")) {
        statement.execute("create schema if not exists " + TargetTable.quote(relation.schema()));
      }
      statement.execute(
          "create table %s.%s (%s)"
              .formatted(
                  TargetTable.quote(relation.schema()),
                  TargetTable.quote(relation.table()),
                  String.join(", ", lines)));
    }
  }

  private static String type(Connection connection, Relation.Column column) throws SQLException {
    if (column.typeOid() >= FIRST_NORMAL_OID) {
      return TargetTable.quote(column.type()) + (column.dimensions() > 0 ? "[]" : "");
    }
    try (PreparedStatement query = connection.prepareStatement("select format_type(?, ?)")) {
      query.setLong(1, column.typeOid());
      query.setInt(2, column.typeModifier());
      try (ResultSet row = query.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    }
  }
}
