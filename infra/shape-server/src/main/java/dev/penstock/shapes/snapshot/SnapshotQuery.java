package dev.penstock.shapes.snapshot;

import dev.penstock.contracts.log.Relation;
import dev.penstock.shapes.shape.ShapeDefinition;
import dev.penstock.shapes.where.Expr;
import dev.penstock.shapes.where.OrderBy;
import dev.penstock.shapes.where.Sql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which rows of a shape.
///
/// @param where narrows the shape's own filter
/// @param limit null for all
/// @param offset how many to leave out
/// @param none only the snapshot's visibility is wanted, no rows
public record SnapshotQuery(
    @Nullable Expr where,
    @Nullable OrderBy order,
    @Nullable Long limit,
    long offset,
    boolean none) {
  private static final int FETCH_ROWS = 64;

  public static SnapshotQuery all(ShapeDefinition shape) {
    return new SnapshotQuery(null, null, null, 0, shape.changesOnly());
  }

  /// The statement over the selected columns, every value of it bound.
  PreparedStatement prepare(Connection connection, ShapeDefinition shape) throws SQLException {
    Sql sql = sql(shape);
    PreparedStatement statement = connection.prepareStatement(sql.text());
    List<@Nullable String> values = sql.values();
    for (int i = 0; i < values.size(); i++) {
      statement.setString(i + 1, values.get(i));
    }
    statement.setFetchSize(FETCH_ROWS);
    return statement;
  }

  private Sql sql(ShapeDefinition shape) {
    Relation table = shape.table();
    Sql sql = new Sql();
    String separator = "select ";
    for (int index : shape.columns()) {
      Relation.Column column = table.columns().get(index);
      boolean bool = column.type().equals("bool") && column.dimensions() == 0;
      sql.append(separator).identifier(column.name()).append(bool ? "::text" : "");
      separator = ", ";
    }
    sql.append(" from ").identifier(table.schema()).append(".").identifier(table.table());
    String word = " where (";
    for (Expr filter : new @Nullable Expr[] {shape.where(), where}) {
      if (filter != null) {
        sql.append(word).append(filter).append(")");
        word = " and (";
      }
    }
    if (order != null) {
      order.sql(sql);
    }
    if (limit != null) {
      sql.append(" limit " + limit);
    }
    return offset == 0 ? sql : sql.append(" offset " + offset);
  }
}
