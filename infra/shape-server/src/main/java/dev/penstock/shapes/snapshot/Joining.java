package dev.penstock.shapes.snapshot;

import dev.penstock.contracts.Outbox;
import dev.penstock.contracts.log.Lsn;
import dev.penstock.shapes.snapshot.Catalog.Name;
import dev.penstock.shapes.where.Sql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One table's way into the publication.
///
/// `pgoutput` decodes each change with the catalogue as of that change: of a transaction that wrote
/// to the table before it was published, those rows never come, though it commits later and no
/// snapshot taken before sees them. `ALTER PUBLICATION` waits for no writer. So a lock that every
/// writer's lock conflicts with is held from before it until its commit: whoever wrote earlier has
/// ended, and is in every snapshot that sees the table published; whoever writes later does so
/// behind that commit in the WAL. A handle whose snapshot does not see that commit is ended by the
/// DDL record that travels with it.
final class Joining {
  private static final int ADVISORY_CLASS = 0x70656e73;

  /// A lock not got, a deadlock, a table that went meanwhile, or that another instance published.
  private static final Set<String> AGAIN = Set.of("55P03", "40P01", "42P01", "42710", "40001");

  private static final String LOOK =
      """
      select c.oid::bigint, c.relreplident = 'f',
             exists (select from pg_publication_tables t
               where t.pubname = ? and t.schemaname = n.nspname and t.tablename = c.relname)
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = ? and c.relname = ? and c.relkind = 'r' and c.relpersistence = 'p'
        and not c.relhassubclass and c.oid >= 16384
        and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
      """;

  private static final String EMIT =
      "select pg_logical_emit_message(true, '" + Outbox.DDL + "', ?)::text";

  /// Means nothing to anybody.
  private static final String BEHIND = "{\"tag\":\"DISCOVERY\",\"type\":\"publication\"}";

  private final Connection connection;
  private final String publication;
  private final Name name;
  private final Duration lockTimeout;

  enum Result {
    /// There is no such table that could be published.
    MISSING,
    JOINED,
    /// Somebody has the table, or is publishing it just now.
    BUSY
  }

  private record Table(long oid, boolean full, boolean published) {}

  /// @param connection without auto-commit, of the table's owner
  Joining(Connection connection, String publication, Name name, Duration lockTimeout) {
    this.connection = connection;
    this.publication = publication;
    this.name = name;
    this.lockTimeout = lockTimeout;
  }

  Result attempt() throws SQLException {
    Table table = look();
    connection.rollback();
    if (table == null) {
      return Result.MISSING;
    }
    if (table.full() && table.published()) {
      return Result.JOINED;
    }
    try {
      return publish(table);
    } catch (SQLException e) {
      connection.rollback();
      if (AGAIN.contains(String.valueOf(e.getSQLState()))) {
        return Result.BUSY;
      }
      throw e;
    }
  }

  /// Puts a message of no meaning into the log, behind the table's joining.
  ///
  /// @return its LSN: who has read the log up to there has read the joining
  long announce() throws SQLException {
    long lsn = emit(BEHIND);
    connection.commit();
    return lsn;
  }

  private long emit(String ddl) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(EMIT)) {
      statement.setString(1, ddl);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return Lsn.parse(row.getString(1));
      }
    }
  }

  private @Nullable Table look() throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(LOOK)) {
      statement.setString(1, publication);
      statement.setString(2, name.schema());
      statement.setString(3, name.table());
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? new Table(row.getLong(1), row.getBoolean(2), row.getBoolean(3)) : null;
      }
    }
  }

  private Result publish(Table table) throws SQLException {
    String quoted = new Sql().identifier(name.schema()).append(".").identifier(name.table()).text();
    execute("set local lock_timeout = " + lockTimeout.toMillis());
    // Else each instance's lock would queue behind the others', and all writers behind them.
    if (!alone(table)) {
      connection.rollback();
      return Result.BUSY;
    }
    // The identity's change needs the stronger lock; the weaker one lets readers through.
    execute(
        "lock table only %s in %s mode"
            .formatted(quoted, table.full() ? "share row exclusive" : "access exclusive"));
    if (!table.equals(look())) {
      connection.rollback();
      return Result.BUSY;
    }
    if (!table.full()) {
      execute("alter table only " + quoted + " replica identity full");
    }
    if (!table.published()) {
      String target = new Sql().identifier(publication).text();
      execute("alter publication " + target + " add table only " + quoted);
    }
    // Ends the table's handles, whether an event trigger reports the same or not.
    var _ = emit("{\"tag\":\"DISCOVERY\",\"type\":\"table\",\"oid\":%d}".formatted(table.oid()));
    connection.commit();
    return Result.JOINED;
  }

  private boolean alone(Table table) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("select pg_try_advisory_xact_lock(?, ?)")) {
      statement.setInt(1, ADVISORY_CLASS);
      statement.setInt(2, (int) table.oid());
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
