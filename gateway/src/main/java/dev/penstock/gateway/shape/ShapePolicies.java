package dev.penstock.gateway.shape;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/// All shapes there are: what has no policy here cannot be asked for.
public final class ShapePolicies {
  /// The place to extend.
  public static final List<ShapePolicy> OF_THIS_APP =
      List.of(new ConversationsPolicy(), new MessagesPolicy());

  private final Map<String, ShapePolicy> byTable;

  public ShapePolicies(Collection<? extends ShapePolicy> policies) {
    this.byTable =
        policies.stream()
            .collect(Collectors.toUnmodifiableMap(ShapePolicy::table, Function.identity()));
  }

  Optional<ShapePolicy> of(String table) {
    return Optional.ofNullable(byTable.get(table));
  }

  /// Has Postgres compile every policy against its tables.
  ///
  /// @throws IllegalStateException naming the policy that does not fit, or that the database cannot
  ///   be reached: a gateway that cannot tell must not start
  public void verify(DataSource database) {
    try (Connection connection = database.getConnection()) {
      for (ShapePolicy policy : byTable.values()) {
        verify(connection, policy);
      }
    } catch (SQLException unreachable) {
      throw new IllegalStateException(
          "The shape policies cannot be checked: the database at penstock.gateway.database-url does"
              + " not answer",
          unreachable);
    }
  }

  private static void verify(Connection connection, ShapePolicy policy) throws SQLException {
    String select =
        "select %s from public.%s where %s"
            .formatted(
                ShapeDefinition.list(policy.columns()),
                ShapeDefinition.list(List.of(policy.table())),
                policy.where());
    try (Statement statement = connection.createStatement()) {
      statement.execute("prepare penstock_policy as " + select);
    } catch (SQLException mismatch) {
      throw new IllegalStateException(
          "The shape policy of table \"%s\" does not fit the database: %s"
              .formatted(policy.table(), mismatch.getMessage()),
          mismatch);
    }
    int wanted = parametersOfPrepared(connection);
    int given = policy.values("", sample(policy)).size();
    if (wanted != given) {
      throw new IllegalStateException(
          "The shape policy of table \"%s\" has %d values for the %d of its where"
              .formatted(policy.table(), given, wanted));
    }
    List<String> missing = new ArrayList<>(primaryKey(connection, policy.table()));
    missing.removeAll(policy.columns());
    if (!missing.isEmpty()) {
      throw new IllegalStateException(
          "The shape policy of table \"%s\" leaves out %s of the primary key"
              .formatted(policy.table(), missing));
    }
  }

  private static int parametersOfPrepared(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      int count;
      try (ResultSet rows =
          statement.executeQuery(
              "select cardinality(parameter_types) from pg_prepared_statements"
                  + " where name = 'penstock_policy'")) {
        rows.next();
        count = rows.getInt(1);
      }
      statement.execute("deallocate penstock_policy");
      return count;
    }
  }

  private static List<String> primaryKey(Connection connection, String table) throws SQLException {
    List<String> names = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select a.attname from pg_index i join pg_attribute a"
                + " on a.attrelid = i.indrelid and a.attnum = any (i.indkey)"
                + " where i.indisprimary and i.indrelid = format('public.%I', ?::text)::regclass")) {
      statement.setString(1, table);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          names.add(rows.getString(1));
        }
      }
    }
    return names;
  }

  private static Map<String, String> sample(ShapePolicy policy) {
    return policy.parameters().stream()
        .collect(Collectors.toUnmodifiableMap(ShapeParameter::name, _ -> ""));
  }
}
