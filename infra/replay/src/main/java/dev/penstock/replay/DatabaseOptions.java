package dev.penstock.replay;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import picocli.CommandLine.Option;

/// Who connects to databases.
final class DatabaseOptions {
  @Option(
      names = "--user",
      defaultValue = "${env:PENSTOCK_DATABASE_USER:-postgres}",
      description =
          "of the databases; one in a url wins (PENSTOCK_DATABASE_USER). Default: ${DEFAULT-VALUE}")
  private String user = "postgres";

  Connection connect(String url) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    String password = System.getenv("PENSTOCK_DATABASE_PASSWORD");
    properties.setProperty("password", password == null ? "" : password);
    try {
      return DriverManager.getConnection(url, properties);
    } catch (SQLException e) {
      // Without the query, where a password may stand.
      throw new ReplayException(
          "The database at %s cannot be used: %s."
              .formatted(url.replaceFirst("\\?.*", ""), e.getMessage()),
          e);
    }
  }
}
