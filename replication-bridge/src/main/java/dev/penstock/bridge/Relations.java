package dev.penstock.bridge;

import dev.penstock.bridge.PgOutput.Described;
import dev.penstock.contracts.log.LogWriter;
import dev.penstock.contracts.log.Relation;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/// The tables' relation records of the present claim, by OID.
final class Relations {
  private final LogWriter writer;
  private final Catalog catalog;
  private final Map<Long, Relation> known = new HashMap<>();

  Relations(LogWriter writer, Catalog catalog) {
    this.writer = writer;
    this.catalog = catalog;
  }

  /// Writes the table's relation if it is new or not as before.
  ///
  /// @param xid of the transaction that has changed the table
  /// @return whether it was written
  boolean describe(Described table, long xid) throws SQLException, InterruptedException {
    Relation relation = catalog.relation(table, xid);
    Relation before = known.get(table.oid());
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
