package dev.penstock.contracts.log;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/// A table's columns at a point of the log.
///
/// @param id the Kafka offset of the relation's record, by which changes refer to it; -1 before it
///   is written
/// @param oid the table's OID
/// @param schema the table's schema, unquoted
/// @param table the table's name, unquoted
/// @param replicaIdentity `d`, `n`, `f` or `i`, as in `pg_class.relreplident`
/// @param columns the published columns in table order
public record Relation(
    long id, long oid, String schema, String table, String replicaIdentity, List<Column> columns) {

  /// One column.
  ///
  /// @param name unquoted
  /// @param typeOid `pg_attribute.atttypid`
  /// @param typeModifier `pg_attribute.atttypmod`, -1 where there is none
  /// @param type `pg_type.typname`; for an array that of its elements
  /// @param typeKind `pg_type.typtype` of that type: `b`ase, `e`num, `d`omain, `c`omposite,
  ///   `r`ange, `m`ultirange
  /// @param dimensions `pg_attribute.attndims`; 0 unless an array
  /// @param notNull whether the column is NOT NULL
  /// @param keyIndex the 0-based place in the primary key, -1 outside of it
  public record Column(
      String name,
      long typeOid,
      int typeModifier,
      String type,
      String typeKind,
      int dimensions,
      boolean notNull,
      int keyIndex) {
    public Column {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(type, "type");
      Objects.requireNonNull(typeKind, "typeKind");
    }
  }

  public Relation {
    Objects.requireNonNull(schema, "schema");
    Objects.requireNonNull(table, "table");
    Objects.requireNonNull(replicaIdentity, "replicaIdentity");
    columns = List.copyOf(columns);
  }

  /// This relation under the offset at which it was written.
  public Relation withId(long offset) {
    return new Relation(offset, oid, schema, table, replicaIdentity, columns);
  }

  /// The indexes of the primary key's columns, in key order; empty without a primary key.
  public int[] keyColumns() {
    return java.util.stream.IntStream.range(0, columns.size())
        .filter(i -> columns.get(i).keyIndex() >= 0)
        .boxed()
        .sorted(Comparator.comparingInt(i -> columns.get(i).keyIndex()))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /// The index of a column by name, -1 where there is none.
  public int indexOf(String column) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equals(column)) {
        return i;
      }
    }
    return -1;
  }
}
