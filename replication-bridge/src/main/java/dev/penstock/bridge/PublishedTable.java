package dev.penstock.bridge;

import dev.penstock.bridge.PgOutput.Described;
import dev.penstock.bridge.PgOutput.Field;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/// A table as the publication shows it, in the snapshot of the asking transaction.
///
/// @param from what to select from
/// @param filter the publication's row filter, empty without one
/// @param shape what must be the same in every transaction that reads the table for one snapshot
record PublishedTable(Described described, String from, String filter, String shape) {
  private static final String QUERY =
      """
      select c.oid::bigint, n.nspname, c.relname, c.relreplident::text,
             case when c.relkind = 'p' then '' else 'only ' end
               || format('%I.%I', n.nspname, c.relname),
             coalesce(t.rowfilter, ''), c.relfilenode::text, a.attname, a.atttypid::bigint,
             a.atttypmod, a.attnum
      from pg_publication_tables t
      join pg_namespace n on n.nspname = t.schemaname
      join pg_class c on c.relnamespace = n.oid and c.relname = t.tablename
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        and a.attname = any (t.attnames)
      where t.pubname = ?
      order by n.nspname, c.relname, a.attnum\
      """;

  static List<PublishedTable> of(Connection connection, String publication) throws SQLException {
    List<PublishedTable> tables = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
      statement.setString(1, publication);
      try (ResultSet row = statement.executeQuery()) {
        boolean more = row.next();
        while (more) {
          long oid = row.getLong(1);
          String schema = row.getString(2);
          String name = row.getString(3);
          String identity = row.getString(4);
          String from = row.getString(5);
          String filter = row.getString(6);
          StringBuilder shape = new StringBuilder(row.getString(7));
          List<Field> fields = new ArrayList<>();
          do {
            fields.add(new Field(false, row.getString(8), row.getLong(9), row.getInt(10)));
            shape.append(' ').append(row.getInt(11)).append(fields.getLast());
            more = row.next();
          } while (more && row.getLong(1) == oid);
          tables.add(
              new PublishedTable(
                  new Described(oid, schema, name, identity, fields),
                  from,
                  filter,
                  shape.toString()));
        }
      }
    }
    return tables;
  }

  /// The statement that sends every row as the types' own output functions write it, which is what
  /// `pgoutput` does; a cast to text is not the same for every type.
  String copy() {
    StringBuilder columns = new StringBuilder();
    for (Field field : described.fields()) {
      columns.append(columns.isEmpty() ? "" : ", ").append(quoted(field.name()));
    }
    String where = filter.isEmpty() ? "" : " where " + filter;
    return "copy (select %s from %s%s) to stdout".formatted(columns, from, where);
  }

  private static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
