package dev.penstock.bridge;

import dev.penstock.bridge.PgOutput.Described;
import dev.penstock.contracts.log.LogWriter;
import dev.penstock.contracts.log.Relation;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The tables' relation records of the present claim, by OID.
final class Relations {
  private final LogWriter writer;
  private final Catalog catalog;
  private final Map<Long, Relation> known;

  /// Writes again what an earlier claim knew: a column may be gone from the catalogue before the
  /// slot describes its table in this term.
  ///
  /// @param earlier by OID
  Relations(LogWriter writer, Catalog catalog, Map<Long, Relation> earlier) {
    this.writer = writer;
    this.catalog = catalog;
    this.known = new HashMap<>(earlier);
    repeat();
  }

  /// Writes the table's relation if it is new or not as before.
  ///
  /// @param xid of the transaction that has changed the table
  /// @return whether it was written
  boolean describe(Described table, long xid) throws SQLException, InterruptedException {
    Relation before = known.get(table.oid());
    Relation relation = catalog.relation(table, xid, Optional.ofNullable(before));
    if (before != null && relation.withId(before.id()).equals(before)) {
      return false;
    }
    known.put(table.oid(), writer.append(relation));
    return true;
  }

  /// Writes them all again: a change may refer to relation records of its own claim only.
  void repeat() {
    known.replaceAll((_, relation) -> writer.append(relation.withId(-1)));
  }

  Relation get(long oid) {
    Relation relation = known.get(oid);
    if (relation == null) {
      throw new IllegalStateException("pgoutput did not describe the table with OID " + oid);
    }
    return relation;
  }
}
