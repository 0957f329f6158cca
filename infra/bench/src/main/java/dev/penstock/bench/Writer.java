package dev.penstock.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/// Writes messages at a fixed rate, whatever becomes of them: each a transaction of one row whose
/// content begins with the change's number and its number within its conversation.
final class Writer implements AutoCloseable {
  private static final String FILLER = "x".repeat(80);

  private final Connection connection;
  private final PreparedStatement insert;
  private final List<UUID> conversations;
  private final int[] counts;
  private final Changes changes;
  private final Random random;

  /// @param table `messages`, or another of the same columns
  /// @param conversations written to in turn
  Writer(Connection connection, String table, List<UUID> conversations, Changes changes, long seed)
      throws SQLException {
    this.connection = connection;
    this.conversations = conversations;
    this.changes = changes;
    counts = new int[conversations.size()];
    random = new Random(seed);
    insert =
        connection.prepareStatement(
            "insert into "
                + table
                + " (id, conversation_id, role, status, content, created_at, updated_at)"
                + " values (?, ?, 'user', 'completed', ?, now(), now())"
                + " returning pg_current_xact_id()::xid::text::bigint");
  }

  /// Makes conversations of an owner.
  static List<UUID> conversations(Connection connection, int count, String owner, Random random)
      throws SQLException {
    UUID[] ids = new UUID[count];
    Arrays.setAll(ids, _ -> new UUID(random.nextLong(), random.nextLong()));
    try (PreparedStatement insert =
        connection.prepareStatement("insert into conversations values (?, ?, 'bench', now())")) {
      for (UUID id : ids) {
        insert.setObject(1, id);
        insert.setString(2, owner);
        insert.addBatch();
      }
      insert.executeBatch();
    }
    return List.of(ids);
  }

  /// Returns when the last of `count` changes is committed.
  ///
  /// @return the number of the first
  int write(int count, int perSecond) throws SQLException {
    int first = changes.next();
    long began = System.nanoTime();
    for (int i = 0; i < count; i++) {
      long due = began + i * 1_000_000_000L / perSecond;
      Waiting.at(due);
      write(due);
    }
    return first;
  }

  private void write(long due) throws SQLException {
    int change = changes.next();
    int conversation = change % conversations.size();
    insert.setObject(1, new UUID(random.nextLong(), random.nextLong()));
    insert.setObject(2, conversations.get(conversation));
    insert.setString(3, change + ":" + ++counts[conversation] + ":" + FILLER);
    long sent = System.nanoTime();
    try (var row = insert.executeQuery()) {
      row.next();
      changes.add(due, sent, System.nanoTime(), row.getLong(1));
    }
  }

  @Override
  public void close() throws SQLException {
    insert.close();
    connection.close();
  }
}
