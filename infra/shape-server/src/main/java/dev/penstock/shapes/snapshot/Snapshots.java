package dev.penstock.shapes.snapshot;

import dev.penstock.contracts.log.Lsn;
import dev.penstock.contracts.log.Relation;
import dev.penstock.shapes.log.Reading;
import dev.penstock.shapes.shape.HandleCodec;
import dev.penstock.shapes.shape.JsonBytes;
import dev.penstock.shapes.shape.ShapeDefinition;
import dev.penstock.shapes.shape.Visibility;
import dev.penstock.shapes.where.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/// Takes snapshots. What is small is read at once and gives its connection back before the client
/// has read it; what is large is read as the client reads.
public final class Snapshots implements AutoCloseable {
  private static final int WHOLE_BYTES = 256 << 10;
  private static final Duration RETAKE = Duration.ofMillis(20);
  private static final Duration STALL = Duration.ofSeconds(30);
  private static final String LOOK =
      "select pg_current_snapshot()::text, pg_current_wal_insert_lsn()::text";

  private final DataSource dataSource;
  private final Catalog catalog;
  private final Duration patience;
  private final Scheduler scheduler;
  private final Set<Snapshot> open = ConcurrentHashMap.newKeySet();
  private final Scheduler sweeper = Schedulers.newSingle("shapes-sweeper", true);

  /// @param patience how long to retake a snapshot that does not see what was released
  public Snapshots(DataSource dataSource, Catalog catalog, Duration patience, Scheduler scheduler) {
    this.dataSource = dataSource;
    this.catalog = catalog;
    this.patience = patience;
    this.scheduler = scheduler;
    sweeper.schedulePeriodically(this::sweep, 2, 2, TimeUnit.SECONDS);
  }

  /// Snapshots whose connection is in use.
  public int open() {
    return open.size();
  }

  /// Takes a snapshot.
  ///
  /// @param mark what follows in each row's headers
  public Mono<Rows> take(ShapeDefinition shape, SnapshotQuery query, String mark, Reading reading) {
    return Mono.fromCallable(() -> takeNow(shape, query, mark, reading))
        .subscribeOn(scheduler)
        .doOnDiscard(Rows.class, Rows::close);
  }

  private Rows takeNow(ShapeDefinition shape, SnapshotQuery query, String mark, Reading reading)
      throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      Look look = look(shape, reading);
      Snapshot snapshot = look.snapshot();
      boolean used = false;
      try {
        if (look.isGood(reading)) {
          requireSame(snapshot, shape);
          snapshot.query(shape, query, mark);
          used = true;
          return read(snapshot);
        }
      } catch (SQLException e) {
        throw SnapshotException.of(e);
      } finally {
        if (!used) {
          snapshot.close();
        }
      }
      if (System.nanoTime() > deadline) {
        throw new SnapshotException(
            SnapshotException.Kind.UNAVAILABLE,
            "Snapshot does not see a transaction that was already sent");
      }
      Thread.sleep(RETAKE);
    }
  }

  /// An open snapshot, and what is known of its visibility.
  ///
  /// @param mark see [Reading#mark]
  private record Look(Snapshot snapshot, Hanging hanging, long mark) {
    boolean isGood(Reading reading) {
      Visibility visibility = snapshot.visibility();
      if (visibility.running().size() > HandleCodec.MAX_RUNNING || !hanging.isSeen(visibility)) {
        return false;
      }
      reading.settle(mark);
      return reading.allVisible(visibility, snapshot.start());
    }
  }

  private Look look(ShapeDefinition shape, Reading reading) {
    long start = reading.position();
    long mark = reading.mark();
    try {
      Connection connection = dataSource.getConnection();
      try (Statement statement = connection.createStatement()) {
        Hanging hanging = reading.isSettled(mark) ? Hanging.NONE : Hanging.read(connection);
        // Before the snapshot: to one that is older than a TRUNCATE the table is empty.
        statement.execute(lock(shape.table()));
        try (ResultSet row = statement.executeQuery(LOOK)) {
          row.next();
          Visibility visibility = Visibility.parse(row.getString(1));
          long limit = Lsn.parse(row.getString(2));
          return new Look(new Snapshot(connection, visibility, start, limit), hanging, mark);
        }
      } catch (SQLException e) {
        connection.close();
        throw e;
      }
    } catch (SQLException e) {
      throw SnapshotException.of(e);
    }
  }

  private static String lock(Relation table) {
    return new Sql()
        .append("lock table only ")
        .identifier(table.schema())
        .append(".")
        .identifier(table.table())
        .append(" in access share mode")
        .text();
  }

  private void requireSame(Snapshot snapshot, ShapeDefinition shape) throws SQLException {
    Relation table = shape.table();
    Optional<Relation> now =
        catalog.read(snapshot.connection(), new Catalog.Name(table.schema(), table.table()));
    // Not only what tells shapes apart: what is said of the columns must be as new as the rows.
    if (now.isEmpty() || !now.get().equals(table)) {
      throw new SnapshotException(SnapshotException.Kind.STALE, "the table was altered");
    }
  }

  private Rows read(Snapshot snapshot) {
    open.add(snapshot);
    try {
      JsonBytes first = new JsonBytes(1 << 12);
      while (first.length() < WHOLE_BYTES) {
        byte[] piece = snapshot.next();
        if (piece == null) {
          open.remove(snapshot);
          return new Rows(snapshot, first.toArray(), null, scheduler);
        }
        first.raw(piece);
      }
      return new Rows(snapshot, first.toArray(), snapshot, scheduler);
    } catch (RuntimeException e) {
      snapshot.close();
      open.remove(snapshot);
      throw e;
    }
  }

  /// Takes the connection from readers that stall or have gone.
  private void sweep() {
    for (Snapshot snapshot : open) {
      if (snapshot.idleNanos() > STALL.toNanos()) {
        snapshot.closeIfUnused();
      }
    }
    open.removeIf(Snapshot::isClosed);
  }

  @Override
  public void close() {
    sweeper.dispose();
    open.forEach(Snapshot::closeIfUnused);
  }
}
