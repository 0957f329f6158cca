package dev.penstock.analytics;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.UUID;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.springframework.util.unit.DataSize;

/// The DuckDB file: rows and the offsets up to which they are, always of one transaction.
///
/// One thread writes; any may read, each over a connection of its own. DuckDB lets one process open
/// the file at a time, so a predecessor that is not dead yet cannot write.
final class Store implements AutoCloseable {
  private static final String STAGED =
      """
      create temp table staged as
        select *, false as gone from messages limit 0\
      """;
  // What the record left out stays: its column is null.
  private static final String MERGE =
      """
      merge into messages using staged on messages.id = staged.id
      when matched and staged.gone then delete
      when matched then update set
        conversation_id = staged.conversation_id, role = staged.role, status = staged.status,
        characters = coalesce(staged.characters, messages.characters), reply_to = staged.reply_to,
        created_at = staged.created_at, updated_at = staged.updated_at, part = staged.part,
        commit_lsn = staged.commit_lsn, seq = staged.seq
      when not matched and not staged.gone then insert
        (id, conversation_id, role, status, characters, reply_to, created_at, updated_at, part,
         commit_lsn, seq)
      values
        (staged.id, staged.conversation_id, staged.role, staged.status, staged.characters,
         staged.reply_to, staged.created_at, staged.updated_at, staged.part, staged.commit_lsn,
         staged.seq)\
      """;
  private static final String MOVE =
      """
      update positions set next_offset = ?, commit_lsn = ?::ubigint
      where topic = ? and part = ? and next_offset <= ?\
      """;

  private final DuckDBConnection writer;
  private final int quarantine;

  private Store(DuckDBConnection writer, int quarantine) {
    this.writer = writer;
    this.quarantine = quarantine;
  }

  /// @param quarantine how many unreadable records are kept aside at most
  static Store open(Path file, DataSize memory, int quarantine) {
    Properties limits = new Properties();
    limits.setProperty("memory_limit", memory.toMegabytes() + "MiB");
    limits.setProperty("threads", "2");
    // Nothing is loaded from anywhere, nor can a query read other files.
    limits.setProperty("autoinstall_known_extensions", "false");
    limits.setProperty("autoload_known_extensions", "false");
    limits.setProperty("enable_external_access", "false");
    try {
      DuckDBConnection writer =
          (DuckDBConnection) DriverManager.getConnection("jdbc:duckdb:" + file, limits);
      try (Statement sql = writer.createStatement()) {
        sql.execute(schema());
        sql.execute(STAGED);
      }
      writer.setAutoCommit(false);
      return new Store(writer, quarantine);
    } catch (SQLException e) {
      throw new IllegalStateException("penstock.analytics.file: " + file + " cannot be opened", e);
    }
  }

  private static String schema() {
    try (InputStream in = Objects.requireNonNull(Store.class.getResourceAsStream("schema.sql"))) {
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// For reading; to be closed.
  Connection reader() throws SQLException {
    return writer.duplicate();
  }

  /// Where each partition of the topic goes on; none for one that was never read.
  Map<Integer, Long> positions(String topic) throws SQLException {
    Map<Integer, Long> positions = new HashMap<>();
    try (Connection reader = reader();
        PreparedStatement select =
            reader.prepareStatement("select part, next_offset from positions where topic = ?")) {
      select.setString(1, topic);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          positions.put(row.getInt(1), row.getLong(2));
        }
      }
    }
    return positions;
  }

  /// Rows, positions and what could not be read, all or nothing, durably.
  ///
  /// @throws QuarantineFullException if the batch has more unreadable records than may be kept
  void apply(String topic, Batch batch) throws SQLException, QuarantineFullException {
    try {
      for (Map.Entry<Integer, Batch.Part> part : batch.parts().entrySet()) {
        if (part.getValue().cleared) {
          execute("delete from messages where part = " + part.getKey());
        }
      }
      stage(batch);
      execute(MERGE);
      execute("delete from staged");
      for (Map.Entry<Integer, Batch.Part> part : batch.parts().entrySet()) {
        move(topic, part.getKey(), part.getValue());
      }
      keepAside(topic, batch);
      writer.commit();
    } catch (SQLException | QuarantineFullException | RuntimeException e) {
      rollback(e);
      throw e;
    }
  }

  private void stage(Batch batch) throws SQLException {
    try (DuckDBAppender rows = writer.createAppender("temp", "main", "staged")) {
      for (Map.Entry<Integer, Batch.Part> part : batch.parts().entrySet()) {
        for (Map.Entry<UUID, Batch.Word> word : part.getValue().words.entrySet()) {
          rows.beginRow();
          append(rows, word.getKey(), part.getKey(), word.getValue().row());
          rows.endRow();
        }
      }
    }
  }

  private static void append(
      DuckDBAppender rows, UUID id, int part, @org.jspecify.annotations.Nullable MessageRow row)
      throws SQLException {
    rows.append(id);
    if (row == null) {
      rows.appendNull().appendNull().appendNull().appendNull().appendNull().appendNull();
      rows.appendNull().append(part).appendNull().appendNull().append(true);
      return;
    }
    rows.append(row.conversation()).append(row.role()).append(row.status());
    rows.append(row.characters()).append(row.replyTo());
    rows.append(row.createdAt()).append(row.updatedAt());
    rows.append(part).append(row.commitLsn()).append(row.seq()).append(false);
  }

  /// Only from where the batch begins: were the position another by now, somebody else would have
  /// written. With a file of one process it cannot be; where you put a shared database in its
  /// place, this line is what keeps two consumers apart.
  private void move(String topic, int number, Batch.Part part) throws SQLException {
    try (PreparedStatement insert =
            writer.prepareStatement(
                "insert into positions values (?, ?, 0, 0) on conflict do nothing");
        PreparedStatement update = writer.prepareStatement(MOVE)) {
      insert.setString(1, topic);
      insert.setInt(2, number);
      insert.executeUpdate();
      update.setLong(1, part.next);
      update.setString(2, Long.toUnsignedString(part.commitLsn));
      update.setString(3, topic);
      update.setInt(4, number);
      update.setLong(5, part.from);
      if (update.executeUpdate() != 1) {
        throw new SQLException(
            "partition %d of %s is already beyond %d".formatted(number, topic, part.from));
      }
    }
  }

  private void keepAside(String topic, Batch batch) throws SQLException, QuarantineFullException {
    if (batch.unreadable().isEmpty()) {
      return;
    }
    try (PreparedStatement insert =
        writer.prepareStatement("insert into quarantine values (?, ?, ?, ?)")) {
      for (Batch.Unread unread : batch.unreadable()) {
        insert.setString(1, topic);
        insert.setInt(2, unread.partition());
        insert.setLong(3, unread.offset());
        insert.setString(4, unread.reason());
        insert.executeUpdate();
      }
    }
    try (Statement sql = writer.createStatement();
        ResultSet count = sql.executeQuery("select count(*) from quarantine")) {
      count.next();
      if (count.getLong(1) > quarantine) {
        throw new QuarantineFullException(topic, batch.unreadable().getLast());
      }
    }
  }

  private void execute(String statement) throws SQLException {
    try (Statement sql = writer.createStatement()) {
      sql.execute(statement);
    }
  }

  private void rollback(Exception cause) {
    try {
      writer.rollback();
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  @Override
  public void close() throws SQLException {
    writer.close();
  }
}
