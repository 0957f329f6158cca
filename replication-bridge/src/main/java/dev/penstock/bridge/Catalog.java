package dev.penstock.bridge;

import dev.penstock.bridge.PgOutput.Described;
import dev.penstock.bridge.PgOutput.Field;
import dev.penstock.contracts.log.Relation;
import dev.penstock.contracts.log.Relation.Column;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/// Adds to a table's columns what `pgoutput` does not say: names and kinds of types, primary key,
/// NOT NULL.
///
/// The catalogue is as of now and the message as of its transaction. So the message's columns and
/// types win, and of a column that is gone by now the rest is what it was ([LostColumns]).
final class Catalog implements AutoCloseable {
  private static final String FACTS =
      """
      select coalesce(e.typname, t.typname), coalesce(e.typtype, t.typtype),
             case when e.oid is null then 0 else greatest(coalesce(a.attndims, 1), 1) end,
             coalesce(a.attnotnull, false), k.place, a.attnum is null,
             coalesce(i.indnkeyatts, 0)
      from unnest(?::text[], ?::oid[]) with ordinality as f (name, type, place)
      left join pg_type t on t.oid = f.type
      left join pg_type e on e.typarray = t.oid
      left join pg_attribute a
        on a.attrelid = ? and a.attname = f.name and a.atttypid = f.type and not a.attisdropped
      left join pg_index i on i.indrelid = ? and i.indisprimary
      left join lateral (
        select n.place from unnest(i.indkey::int2[]) with ordinality as n (column_number, place)
        where n.column_number = a.attnum and n.place <= i.indnkeyatts) k on true
      order by f.place\
      """;

  private static final String PRESENT =
      """
      select a.attname, a.atttypid::bigint, a.atttypmod, coalesce(e.typname, t.typname),
             coalesce(e.typtype, t.typtype),
             case when e.oid is null then 0 else greatest(a.attndims, 1) end, a.attnotnull, k.place
      from pg_attribute a
      join pg_type t on t.oid = a.atttypid
      left join pg_type e on e.typarray = t.oid
      left join pg_index i on i.indrelid = a.attrelid and i.indisprimary
      left join lateral (
        select n.place from unnest(i.indkey::int2[]) with ordinality as n (column_number, place)
        where n.column_number = a.attnum and n.place <= i.indnkeyatts) k on true
      where a.attrelid = ? and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      order by a.attnum\
      """;

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Connection connection;

  Catalog(Connection connection) {
    this.connection = connection;
  }

  /// The table as a relation that is not in the log yet.
  ///
  /// @param xid of the transaction that has changed the table
  /// @param before the log's last relation of the table
  Relation relation(Described table, long xid, Optional<Relation> before)
      throws SQLException, InterruptedException {
    awaitVisible(xid);
    LostColumns.Found found = find(table);
    List<Column> columns =
        found.suffices(table)
            ? found.columns()
            : LostColumns.restored(table, found, before, present(table.oid()));
    return new Relation(
        -1, table.oid(), table.schema(), table.table(), table.replicaIdentity(), columns);
  }

  private LostColumns.Found find(Described table) throws SQLException {
    List<Field> fields = table.fields();
    List<Column> columns = new ArrayList<>(fields.size());
    BitSet missing = new BitSet();
    int keys = 0;
    int wholeKey = 0;
    try (PreparedStatement facts = connection.prepareStatement(FACTS)) {
      facts.setArray(
          1, connection.createArrayOf("text", fields.stream().map(Field::name).toArray()));
      facts.setArray(
          2, connection.createArrayOf("oid", fields.stream().map(Field::typeOid).toArray()));
      facts.setLong(3, table.oid());
      facts.setLong(4, table.oid());
      try (ResultSet row = facts.executeQuery()) {
        for (Field field : fields) {
          row.next();
          String type = row.getString(1);
          String kind = row.getString(2);
          int keyPlace = row.getInt(5);
          keys += keyPlace > 0 ? 1 : 0;
          missing.set(columns.size(), row.getBoolean(6));
          wholeKey = row.getInt(7);
          columns.add(
              new Column(
                  field.name(),
                  field.typeOid(),
                  field.typeModifier(),
                  type == null ? "unknown" : type,
                  kind == null ? "b" : kind,
                  row.getInt(3),
                  row.getBoolean(4),
                  keyPlace - 1));
        }
      }
    }
    return new LostColumns.Found(columns, missing, keys == wholeKey);
  }

  private List<Column> present(long oid) throws SQLException {
    List<Column> columns = new ArrayList<>();
    try (PreparedStatement present = connection.prepareStatement(PRESENT)) {
      present.setLong(1, oid);
      try (ResultSet row = present.executeQuery()) {
        while (row.next()) {
          columns.add(
              new Column(
                  row.getString(1),
                  row.getLong(2),
                  row.getInt(3),
                  row.getString(4),
                  row.getString(5),
                  row.getInt(6),
                  row.getBoolean(7),
                  row.getInt(8) - 1));
        }
      }
    }
    return columns;
  }

  /// The walsender may send a transaction before others see it, so a table that the transaction
  /// itself made or altered would be missed. Under synchronous replication that can take long:
  /// beyond the patience the log does without the facts rather than stand still.
  private void awaitVisible(long xid) throws SQLException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!visible(snapshot(), xid) && System.nanoTime() < deadline) {
      Thread.sleep(1);
    }
  }

  private String snapshot() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select pg_current_snapshot()::text")) {
      row.next();
      return row.getString(1);
    }
  }

  /// Whether a committed transaction's effects are in a snapshot `xmin:xmax:xip,…`.
  static boolean visible(String snapshot, long xid) {
    String[] parts = snapshot.split(":", -1);
    long xmax = Long.parseLong(parts[1]);
    long full = xmax + (int) (xid - xmax);
    return full < xmax && !List.of(parts[2].split(",")).contains(Long.toString(full));
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
