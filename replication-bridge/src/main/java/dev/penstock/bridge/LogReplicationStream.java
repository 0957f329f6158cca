package dev.penstock.bridge;

import dev.penstock.contracts.log.ResumePoint;
import io.debezium.connector.postgresql.connection.Lsn;
import io.debezium.connector.postgresql.connection.ReplicationMessage.Operation;
import io.debezium.connector.postgresql.connection.ReplicationStream;
import io.debezium.connector.postgresql.connection.TransactionMessage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/// Reads the slot into the log; Debezium learns only that transactions ended.
///
/// When the stream is dry, its thread waits on the socket, outside of the driver's lock, so that
/// the other thread can confirm. Postgres is told to forget only what the log had acknowledged
/// while the lead was held: a frozen leader that goes on may have an acknowledgement that no longer
/// counts.
final class LogReplicationStream implements ReplicationStream {
  private static final Duration WAIT = Duration.ofMillis(250);
  private static final Duration CONFIRM_EVERY = Duration.ofSeconds(1);
  private static final int MESSAGES_AT_ONCE = 4_096;

  private final PGReplicationStream stream;

  /// Held because the stream does not hold it: pgjdbc closes a connection that nobody refers to.
  @SuppressWarnings({"UnusedVariable", "FieldCanBeLocal"})
  private final Connection connection;

  private final WaitableSocket socket;
  private final LogFeed feed;
  private final Lsn start;
  private final SnapshotCover cover;
  private volatile Lsn received;
  private @Nullable ExecutorService confirming;

  LogReplicationStream(
      PGReplicationStream stream,
      Connection connection,
      WaitableSocket socket,
      LogFeed feed,
      long start,
      SnapshotCover cover) {
    this.stream = stream;
    this.connection = connection;
    this.socket = socket;
    this.feed = feed;
    this.start = Lsn.valueOf(start);
    this.cover = cover;
    this.received = this.start;
  }

  @Override
  public void read(ReplicationMessageProcessor processor)
      throws SQLException, InterruptedException {
    readPending(processor);
  }

  /// Reads what there is, or waits a little. Says always that something was read: Debezium would
  /// else pause for its polling interval.
  @Override
  public boolean readPending(ReplicationMessageProcessor processor)
      throws SQLException, InterruptedException {
    feed.requireAlive();
    ResumePoint ended = null;
    ByteBuffer message = stream.readPending();
    for (int read = 0; message != null; message = stream.readPending()) {
      ResumePoint point = cover.has(message) ? null : feed.accept(message);
      ended = point == null ? ended : point;
      if (++read == MESSAGES_AT_ONCE) {
        break;
      }
    }
    if (ended != null) {
      received = Lsn.valueOf(ended.commitLsn());
      Instant at = Instant.EPOCH.plus(ended.commitMicros(), ChronoUnit.MICROS);
      processor.process(new TransactionMessage(Operation.COMMIT, ended.xid(), at));
    }
    if (message == null) {
      feed.dry(stream.getLastReceiveLSN().asLong());
      await();
    }
    return true;
  }

  private void await() throws SQLException {
    try {
      socket.awaitReadable(WAIT);
    } catch (IOException e) {
      throw new SQLException("the replication connection is gone", "08006", e);
    }
  }

  /// Not by Debezium's word: only [#confirm] tells Postgres what it may forget.
  @Override
  public void flushLsn(Lsn lsn) {}

  @Override
  public Lsn lastReceivedLsn() {
    return received;
  }

  @Override
  public Lsn startLsn() {
    return start;
  }

  @Override
  public void startKeepAlive(ExecutorService service) {
    confirming = service;
    service.execute(() -> {
      try {
        while (!stream.isClosed()) {
          confirm();
          Thread.sleep(CONFIRM_EVERY);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (SQLException e) {
        // The reading thread finds the connection gone as well, and says so.
        return;
      }
    });
  }

  private void confirm() throws SQLException {
    feed.confirmable()
        .map(point -> LogSequenceNumber.valueOf(point.commitLsn()))
        .ifPresent(lsn -> {
          stream.setFlushedLSN(lsn);
          stream.setAppliedLSN(lsn);
        });
    stream.forceUpdateStatus();
  }

  @Override
  public void stopKeepAlive() {
    ExecutorService service = confirming;
    if (service != null) {
      service.shutdownNow();
    }
  }

  @Override
  public void close() throws SQLException {
    stopKeepAlive();
    stream.close();
  }
}
