package dev.penstock.local;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/// The messages of one conversation, in the database itself.
final class SqlMessages implements AutoCloseable {
  private final Connection connection;
  private final UUID conversation;

  SqlMessages(String url, UUID conversation) throws SQLException {
    this.connection = DriverManager.getConnection(url);
    this.conversation = conversation;
  }

  void insert(String role, String content) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            """
            insert into messages (id, conversation_id, role, status, content, created_at, updated_at)
            values (?, ?, ?, 'completed', ?, now(), now())
            """)) {
      insert.setObject(1, UUID.randomUUID());
      insert.setObject(2, conversation);
      insert.setString(3, role);
      insert.setString(4, content);
      insert.executeUpdate();
    }
  }

  /// Mostly an insert, else an update or a delete of a row that came so.
  void change(Random random) throws SQLException {
    switch (random.nextInt(5)) {
      case 0 -> one("update messages set content = content || '.', updated_at = now()");
      case 1 -> one("delete from messages");
      default -> insert(random.nextBoolean() ? "user" : "assistant", "Text " + random.nextInt());
    }
  }

  private void one(String change) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            change
                + " where id = (select id from messages where conversation_id = ? and content like 'Text %'"
                + " order by md5(id::text || clock_timestamp()::text) limit 1)")) {
      statement.setObject(1, conversation);
      statement.executeUpdate();
    }
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /// Sorted, as [SyncClients.State] has them.
  List<String> rows() throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "select concat_ws(' ', id, role, status, content) from messages where conversation_id = ?")) {
      query.setObject(1, conversation);
      List<String> rows = new ArrayList<>();
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          rows.add(row.getString(1));
        }
      }
      rows.sort(null);
      return rows;
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
