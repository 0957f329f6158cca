package dev.penstock.bridge;

import io.debezium.connector.postgresql.connection.Lsn;
import io.debezium.connector.postgresql.connection.PostgresReplicationConnection;
import io.debezium.connector.postgresql.connection.ReplicationConnection;
import io.debezium.connector.postgresql.connection.ReplicationStream;
import io.debezium.connector.postgresql.connection.WalPositionLocator;
import io.debezium.connector.postgresql.spi.SlotCreationResult;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/// Debezium's replication connection, with a stream of our own on it.
final class LogReplicationConnection implements ReplicationConnection {
  /// The forms of a value's text, as the shape protocol has them (Electric's own settings), and how
  /// long the server waits for a sign of life. Set by statements, since pgjdbc puts its own zone
  /// into the start-up packet.
  static final String SESSION =
      """
      set bytea_output = 'hex'; set DateStyle = 'ISO, DMY'; set TimeZone = 'UTC';
      set extra_float_digits = 1; set IntervalStyle = 'iso_8601'; set wal_sender_timeout = '5s'\
      """;

  private final PostgresReplicationConnection delegate;
  private final String term;

  LogReplicationConnection(PostgresReplicationConnection delegate, String term) {
    this.delegate = delegate;
    this.term = term;
  }

  @Override
  public ReplicationStream startStreaming(WalPositionLocator walPosition)
      throws SQLException, InterruptedException {
    return startStreaming(null, walPosition);
  }

  /// Starts where the slot was confirmed, at or before the log's tail: [Replay] has the reason.
  /// What Debezium would start from is not asked.
  @Override
  public ReplicationStream startStreaming(@Nullable Lsn ignored, WalPositionLocator walPosition)
      throws SQLException, InterruptedException {
    delegate.initConnection();
    Seams.Seam seam = Seams.get(term);
    Connection connection = delegate.connection();
    connection.setAutoCommit(true);
    try (Statement statement = connection.createStatement()) {
      statement.execute(SESSION);
    }
    WaitableSocket socket = WaitableSockets.onlyOpen(term);
    long start = seam.feed().position().commitLsn();
    PGReplicationStream stream =
        connection
            .unwrap(PGConnection.class)
            .getReplicationAPI()
            .replicationStream()
            .logical()
            .withSlotName("\"" + seam.slot() + "\"")
            .withStartPosition(LogSequenceNumber.INVALID_LSN)
            .withAutomaticFlush(false)
            .withStatusInterval(0, java.util.concurrent.TimeUnit.SECONDS)
            .withSlotOption("proto_version", "1")
            .withSlotOption("publication_names", "\"" + seam.publication() + "\"")
            .withSlotOption("messages", "true")
            .start();
    seam.feed().from(requireNotAhead(seam, start));
    seam.streaming().complete(null);
    return new LogReplicationStream(
        stream, connection, socket, seam.feed(), start, new SnapshotCover(seam.snapshotLsn()));
  }

  /// Now the slot is this stream's alone. Had anyone confirmed more than the log has, Postgres
  /// would start there, silently.
  ///
  /// @return where it was confirmed
  private static long requireNotAhead(Seams.Seam seam, long start) throws SQLException {
    try (Connection connection = seam.database().connect("penstock-bridge-slot")) {
      Slot slot = Slot.read(connection, seam.slot(), seam.publication());
      if (Long.compareUnsigned(slot.confirmedLsn(), start) > 0) {
        throw new IllegalStateException("the slot was confirmed beyond the log's tail meanwhile");
      }
      return slot.confirmedLsn();
    }
  }

  @Override
  public Optional<SlotCreationResult> createReplicationSlot() {
    throw new IllegalStateException("the replication slot is gone");
  }

  @Override
  public void initConnection() throws SQLException, InterruptedException {
    delegate.initConnection();
  }

  @Override
  public boolean isConnected() throws SQLException {
    return delegate.isConnected();
  }

  @Override
  public void reconnect() throws SQLException {
    delegate.reconnect();
  }

  @Override
  public void close() throws SQLException {
    delegate.close();
  }
}
