package dev.penstock.contracts;

import java.util.Map;
import java.util.Objects;
import org.flywaydb.core.Flyway;

/// Tables, publication, replication slot and the event trigger for DDL, made before the first write
/// can happen: what is committed before the slot exists never reaches the log.
///
/// @param jdbcUrl `jdbc:postgresql://…`
/// @param user a role that may create publications, slots and event triggers
/// @param password of that role, empty where the server trusts it
/// @param publication name of the publication, `penstock` unless configured
/// @param slot name of the replication slot: unique in the cluster, not only in the database
public record Migrations(
    String jdbcUrl, String user, String password, String publication, String slot) {
  /// The name of publication and slot unless configured.
  public static final String DEFAULT_NAME = "penstock";

  public Migrations {
    Objects.requireNonNull(jdbcUrl, "jdbcUrl");
    Objects.requireNonNull(user, "user");
    Objects.requireNonNull(password, "password");
    requireIdentifier("publication", publication);
    requireIdentifier("slot", slot);
  }

  public Migrations(String jdbcUrl, String user, String password) {
    this(jdbcUrl, user, password, DEFAULT_NAME, DEFAULT_NAME);
  }

  /// Brings the database to the newest version; does nothing where it is there already.
  public void migrate() {
    Flyway.configure()
        .dataSource(jdbcUrl, user, password)
        .locations("classpath:dev/penstock/contracts/migrations")
        .placeholders(Map.of("publication", publication, "slot", slot))
        .load()
        .migrate();
  }

  private static void requireIdentifier(String what, String name) {
    if (!name.matches("[a-z_][a-z0-9_]{0,62}")) {
      throw new IllegalArgumentException(
          what + " must be lower-case letters, digits and '_', not \"" + name + "\"");
    }
  }
}
