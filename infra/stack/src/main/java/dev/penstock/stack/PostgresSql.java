package dev.penstock.stack;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Properties;

/// The little SQL that is needed to administer a server.
final class PostgresSql {
  static final String SUPERUSER = "postgres";
  private static final String DUPLICATE_DATABASE = "42P04";
  private static final String UNIQUE_VIOLATION = "23505";

  private PostgresSql() {}

  static String url(int port, String database) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?user=" + SUPERUSER;
  }

  /// Empty where no Postgres answers within two seconds.
  static Optional<Path> dataDirectory(int port) {
    Properties limits = new Properties();
    limits.setProperty("loginTimeout", "2");
    limits.setProperty("connectTimeout", "2");
    limits.setProperty("socketTimeout", "2");
    try (Connection connection = DriverManager.getConnection(url(port, "postgres"), limits);
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("show data_directory")) {
      return result.next() ? Optional.of(Path.of(result.getString(1))) : Optional.empty();
    } catch (SQLException e) {
      return Optional.empty();
    }
  }

  static void createDatabase(String administrationUrl, String name) {
    try (Connection connection = DriverManager.getConnection(administrationUrl);
        PreparedStatement exists =
            connection.prepareStatement("select 1 from pg_database where datname = ?");
        Statement create = connection.createStatement()) {
      exists.setString(1, name);
      try (ResultSet result = exists.executeQuery()) {
        if (!result.next()) {
          create.execute("create database " + create.enquoteIdentifier(name, true));
        }
      }
    } catch (SQLException e) {
      // Somebody else was faster.
      if (!DUPLICATE_DATABASE.equals(e.getSQLState())
          && !UNIQUE_VIOLATION.equals(e.getSQLState())) {
        throw new StackException("The database " + name + " could not be created.", e);
      }
    }
  }
}
