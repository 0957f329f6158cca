package dev.penstock.shapes.snapshot;

import dev.penstock.contracts.log.Tuple;
import dev.penstock.shapes.shape.JsonBytes;
import dev.penstock.shapes.shape.RowWriter;
import dev.penstock.shapes.shape.ShapeDefinition;
import dev.penstock.shapes.shape.Visibility;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An open snapshot: its rows come piece by piece, as they are asked for. Must be closed, which
/// gives its connection back.
final class Snapshot implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Snapshot.class);
  private static final int PIECE_BYTES = 32 << 10;

  private final Connection connection;
  private final Visibility visibility;
  private final long limit;
  private final long start;
  private final ReentrantLock lock = new ReentrantLock();
  private final JsonBytes json = new JsonBytes(PIECE_BYTES + 4_096);
  private @Nullable PreparedStatement statement;
  private @Nullable ResultSet rows;
  private @Nullable RowWriter writer;
  private @Nullable ShapeDefinition shape;
  private String mark = "";
  private volatile boolean closed;
  private volatile long usedNanos = System.nanoTime();

  /// @param start the position of this instance before the snapshot was taken
  /// @param limit the end of the WAL behind it
  Snapshot(Connection connection, Visibility visibility, long start, long limit) {
    this.connection = connection;
    this.visibility = visibility;
    this.start = start;
    this.limit = limit;
  }

  Connection connection() {
    return connection;
  }

  Visibility visibility() {
    return visibility;
  }

  long start() {
    return start;
  }

  long limit() {
    return limit;
  }

  long idleNanos() {
    return System.nanoTime() - usedNanos;
  }

  /// Starts the query.
  void query(ShapeDefinition definition, SnapshotQuery query, String headerMark)
      throws SQLException {
    shape = definition;
    mark = headerMark;
    writer = new RowWriter(definition);
    if (!query.none()) {
      statement = query.prepare(connection, definition);
      rows = statement.executeQuery();
    }
  }

  /// The next rows with a comma behind each; null at the end, and the connection is given back.
  byte @Nullable [] next() {
    lock.lock();
    try {
      usedNanos = System.nanoTime();
      if (closed) {
        throw new SnapshotException(
            SnapshotException.Kind.UNAVAILABLE, "the snapshot was closed: its reader stalled");
      }
      json.clear();
      while (json.length() < PIECE_BYTES && rows != null && rows.next()) {
        row(rows);
      }
      if (json.length() > 0) {
        return json.toArray();
      }
      close();
      return null;
    } catch (SQLException e) {
      throw SnapshotException.of(e);
    } finally {
      lock.unlock();
    }
  }

  private void row(ResultSet from) throws SQLException {
    ShapeDefinition definition = java.util.Objects.requireNonNull(shape);
    @Nullable String[] texts = new @Nullable String[definition.table().columns().size()];
    int at = 1;
    for (int column : definition.columns()) {
      texts[column] = from.getString(at++);
    }
    java.util.Objects.requireNonNull(writer).snapshotRow(json, Tuple.of(texts), mark);
    json.raw(',');
  }

  boolean isClosed() {
    return closed;
  }

  /// Closes it if nobody reads from it at the moment.
  void closeIfUnused() {
    if (lock.tryLock()) {
      try {
        close();
      } finally {
        lock.unlock();
      }
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        release();
      }
    } finally {
      lock.unlock();
    }
  }

  private void release() {
    try (connection) {
      if (statement != null) {
        statement.close();
      }
      connection.rollback();
    } catch (SQLException e) {
      log.atDebug().setCause(e).log("a snapshot's connection was lost");
    }
  }
}
