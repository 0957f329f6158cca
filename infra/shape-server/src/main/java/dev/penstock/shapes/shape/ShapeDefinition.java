package dev.penstock.shapes.shape;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.contracts.log.Relation;
import dev.penstock.shapes.where.Expr;
import dev.penstock.shapes.where.Sql;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One shape: a table, a filter, columns and a mode.
///
/// @param table the table as it is now; its columns and key are part of the shape's identity
/// @param where the filter, null for none
/// @param columns the selected columns' indexes, in table order
/// @param fullReplica whether updates and deletes carry whole rows
/// @param changesOnly whether the log starts without a snapshot's rows
/// @param id what tells it from every other definition
public record ShapeDefinition(
    Relation table,
    @Nullable Expr where,
    List<Integer> columns,
    boolean fullReplica,
    boolean changesOnly,
    long id) {

  public ShapeDefinition {
    columns = List.copyOf(columns);
  }

  public static ShapeDefinition of(
      Relation table,
      @Nullable Expr where,
      List<Integer> columns,
      boolean fullReplica,
      boolean changesOnly) {
    StringBuilder identity = new StringBuilder(signature(table));
    identity.append('\n').append(columns).append(fullReplica).append(changesOnly);
    if (where != null) {
      Sql sql = new Sql();
      where.sql(sql);
      identity.append('\n').append(sql.text());
      for (String value : sql.values()) {
        identity.append('\n').append(value == null ? "-" : value.length() + " " + value);
      }
    }
    return new ShapeDefinition(
        table, where, columns, fullReplica, changesOnly, hash(identity.toString()));
  }

  /// Whether a change with this relation is one of this definition's table as it knows it. Types'
  /// names and NOT NULL follow from the catalogue's present state and do not count.
  public boolean describes(Relation relation) {
    return relation.oid() == table.oid() && signature(relation).equals(signature(table));
  }

  private static String signature(Relation table) {
    StringBuilder text = new StringBuilder();
    text.append(table.oid()).append('\n').append(table.schema()).append('\n').append(table.table());
    for (Relation.Column column : table.columns()) {
      text.append('\n').append(column.name()).append('\n').append(column.typeOid());
      text.append(' ').append(column.typeModifier()).append(' ').append(column.keyIndex());
    }
    return text.toString();
  }

  private static long hash(String text) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
      return ByteBuffer.wrap(digest).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is part of every Java platform", e);
    }
  }
}
