package dev.penstock.gateway.shape;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/// Who may sync what of a table. To sync another table, write one of these and add it to
/// [ShapePolicies#OF_THIS_APP].
///
/// Values are bound, never written into `where`; whatever depends on the caller belongs into
/// [#where] and [#values] or into [#permits].
public interface ShapePolicy {
  /// The table's name in schema `public`, as Postgres stores it.
  String table();

  /// What is synced, the primary key included. A column that is not here never leaves.
  List<String> columns();

  /// What a caller has to give: exactly these.
  List<ShapeParameter> parameters();

  /// A condition with `$1`, `$2`… for [#values].
  String where();

  /// What is bound to `$1`, `$2`…
  ///
  /// @param caller `sub` of the Auth Token
  /// @param params accepted values by the name of the parameter
  List<String> values(String caller, Map<String, String> params);

  /// By which keys of [RevocationKey] the tokens of this shape can be revoked, besides by their
  /// user and ids.
  ///
  /// @param params accepted values by the name of the parameter
  default List<String> revocableBy(Map<String, String> params) {
    return List.of();
  }

  /// Whether the caller may have this shape. What does not exist is answered like what is not the
  /// caller's: with one query for both, so that neither answer nor time tells them apart.
  boolean permits(Connection database, String caller, Map<String, String> params)
      throws SQLException;
}
