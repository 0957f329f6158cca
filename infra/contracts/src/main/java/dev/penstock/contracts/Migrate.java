package dev.penstock.contracts;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.postgresql.PGConnection;

/// The migrations as a program that runs once, before the services start; its settings are
/// environment variables, so that no password is in the process list:
///
/// - `PENSTOCK_DATABASE_URL`: `jdbc:postgresql://…`
/// - `PENSTOCK_MIGRATIONS_USER`, `postgres`, and `PENSTOCK_MIGRATIONS_PASSWORD`: a role that may
///   create roles, publications, slots and event triggers
/// - `PENSTOCK_BRIDGE_SLOT`, `PENSTOCK_BRIDGE_PUBLICATION`: as the bridge has them
/// - `PENSTOCK_COMMAND_DATABASE_PASSWORD` and so on: the same variable that the service takes;
///   where it is set, the service's role gets this password
///
/// Ends with 0 when everything is there, also the second time.
public final class Migrate {
  private static final List<String> SERVICES =
      List.of("command", "answers", "bridge", "shapes", "gateway");

  private Migrate() {}

  public static void main(String[] arguments) throws SQLException {
    run(System.getenv());
  }

  /// Migrates, and sets the passwords that are given.
  ///
  /// @throws IllegalArgumentException for a missing setting
  /// @throws SQLException if a password could not be set
  public static void run(Map<String, String> environment) throws SQLException {
    String url = environment.get("PENSTOCK_DATABASE_URL");
    if (url == null) {
      throw new IllegalArgumentException("PENSTOCK_DATABASE_URL must be jdbc:postgresql://…");
    }
    String user = environment.getOrDefault("PENSTOCK_MIGRATIONS_USER", "postgres");
    String password = environment.getOrDefault("PENSTOCK_MIGRATIONS_PASSWORD", "");
    new Migrations(
            url,
            user,
            password,
            environment.getOrDefault("PENSTOCK_BRIDGE_PUBLICATION", Migrations.DEFAULT_NAME),
            environment.getOrDefault("PENSTOCK_BRIDGE_SLOT", Migrations.DEFAULT_NAME))
        .migrate();
    Map<String, String> passwords = new LinkedHashMap<>();
    for (String service : SERVICES) {
      String wanted = environment.get(variable(service));
      if (wanted != null && !wanted.isEmpty()) {
        passwords.put("penstock_" + service, wanted);
      }
    }
    if (!passwords.isEmpty()) {
      setPasswords(url, user, password, passwords);
    }
  }

  private static String variable(String service) {
    return "PENSTOCK_" + service.toUpperCase(Locale.ROOT) + "_DATABASE_PASSWORD";
  }

  /// What goes to the server is a SCRAM verifier: a statement in its log tells nobody a password.
  private static void setPasswords(
      String url, String user, String password, Map<String, String> passwords) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url, user, password)) {
      PGConnection postgres = connection.unwrap(PGConnection.class);
      for (Map.Entry<String, String> role : passwords.entrySet()) {
        postgres.alterUserPassword(role.getKey(), role.getValue().toCharArray(), "scram-sha-256");
      }
    }
  }
}
