package dev.penstock.replay;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;
import tools.jackson.databind.JsonNode;

/// Brings many rows of one table into a temporary one by COPY, from which one statement takes them:
/// several times as fast as values in a statement.
final class RowCopy {
  private static final int CHUNK = 64 << 10;

  private final TargetTable table;
  private final String stage;
  private boolean made;

  /// @param number of the table among those that this connection writes
  RowCopy(TargetTable table, int number) {
    this.table = table;
    this.stage = "penstock_replay_" + number;
  }

  /// Writes rows that have all columns.
  void write(Connection connection, List<JsonNode> rows) throws SQLException {
    String columns =
        table.columns().stream().map(TargetTable.Column::quoted).collect(Collectors.joining(", "));
    try (Statement statement = connection.createStatement()) {
      if (!made) {
        // What a rollback would take back is never written to again.
        statement.execute(
            "create temp table if not exists %s (like %s)".formatted(stage, table.quoted()));
        made = true;
      }
      copy(connection.unwrap(PGConnection.class).getCopyAPI(), columns, rows);
      statement.execute(table.upsertFrom(stage));
      statement.execute("truncate " + stage);
    }
  }

  private void copy(CopyManager copies, String columns, List<JsonNode> rows) throws SQLException {
    CopyIn copy = copies.copyIn("copy %s (%s) from stdin".formatted(stage, columns));
    try {
      StringBuilder text = new StringBuilder(CHUNK + CHUNK / 4);
      for (JsonNode row : rows) {
        append(text, row);
        if (text.length() >= CHUNK) {
          send(copy, text);
        }
      }
      send(copy, text);
      copy.endCopy();
    } finally {
      if (copy.isActive()) {
        copy.cancelCopy();
      }
    }
  }

  private static void send(CopyIn copy, StringBuilder text) throws SQLException {
    byte[] bytes = text.toString().getBytes(UTF_8);
    copy.writeToCopy(bytes, 0, bytes.length);
    text.setLength(0);
  }

  private void append(StringBuilder text, JsonNode row) {
    boolean first = true;
    for (TargetTable.Column column : table.columns()) {
      if (!first) {
        text.append('\t');
      }
      first = false;
      escape(text, table.value(column, row));
    }
    text.append('\n');
  }

  /// As COPY's text format has it.
  static void escape(StringBuilder text, @Nullable String value) {
    if (value == null) {
      text.append("\\N");
      return;
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '\\' -> text.append("\\\\");
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        case '\t' -> text.append("\\t");
        default -> text.append(c);
      }
    }
  }
}
