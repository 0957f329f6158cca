package dev.penstock.shapes.snapshot;

import dev.penstock.contracts.log.Relation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads a published table's columns and key as Postgres has them now.
///
/// A text under a nondeterministic collation, to which `a` may equal `A`, gets the kind `n`: no
/// clause can compare it as the log's readers do.
final class CatalogQuery {
  private static final String SQL =
      """
      select c.oid::bigint, c.relreplident::text, a.attname, a.atttypid::bigint, a.atttypmod,
             coalesce(e.typname, t.typname),
             case when coalesce(l.collisdeterministic, true)
               then coalesce(e.typtype, t.typtype)::text else 'n' end,
             case when e.oid is null then 0 else greatest(a.attndims, 1) end, a.attnotnull,
             coalesce(array_position(i.indkey::int2[], a.attnum), -1)
      from pg_publication_tables p
      join pg_namespace n on n.nspname = p.schemaname
      join pg_class c on c.relnamespace = n.oid and c.relname = p.tablename
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        and a.attname = any (p.attnames)
      join pg_type t on t.oid = a.atttypid
      left join pg_type e on e.oid = t.typelem and t.typsubscript = 'array_subscript_handler'::regproc
      left join pg_collation l on l.oid = a.attcollation
      left join pg_index i on i.indrelid = c.oid and i.indisprimary
      where p.pubname = ? and p.schemaname = ? and p.tablename = ? and p.rowfilter is null
      order by a.attnum
      """;

  private CatalogQuery() {}

  /// The table; empty if it does not exist or is not in the publication.
  static Optional<Relation> read(
      Connection connection, String publication, String schema, String table) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(SQL)) {
      statement.setString(1, publication);
      statement.setString(2, schema);
      statement.setString(3, table);
      List<Relation.Column> columns = new ArrayList<>();
      long oid = 0;
      String identity = "";
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          oid = rows.getLong(1);
          identity = rows.getString(2);
          columns.add(
              new Relation.Column(
                  rows.getString(3),
                  rows.getLong(4),
                  rows.getInt(5),
                  rows.getString(6),
                  rows.getString(7),
                  rows.getInt(8),
                  rows.getBoolean(9),
                  // An int2vector counts from 0.
                  rows.getInt(10)));
        }
      }
      return columns.isEmpty()
          ? Optional.empty()
          : Optional.of(new Relation(-1, oid, schema, table, identity, columns));
    }
  }
}
