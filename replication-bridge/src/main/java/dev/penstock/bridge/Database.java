package dev.penstock.bridge;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/// The database whose slot is read.
///
/// @param url `jdbc:postgresql://…`; a user or password in it wins over those beside it
/// @param user a role with REPLICATION that may read the published tables' catalogue
/// @param password empty where the server trusts the user
record Database(String url, String user, String password) {

  /// A connection for short statements: a server that does not answer for 10 s is given up.
  Connection connect(String applicationName) throws SQLException {
    return connect(applicationName, 10);
  }

  /// A connection for statements that may take long: who waits for them must be able to abort it.
  Connection connectForLong(String applicationName) throws SQLException {
    return connect(applicationName, 0);
  }

  /// A connection that understands the commands of replication. They may take long.
  Connection connectForReplication(String applicationName) throws SQLException {
    Properties properties = properties(applicationName, 0);
    PGProperty.REPLICATION.set(properties, "database");
    PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "10");
    return DriverManager.getConnection(url, properties);
  }

  private Connection connect(String applicationName, int answerSeconds) throws SQLException {
    return DriverManager.getConnection(url, properties(applicationName, answerSeconds));
  }

  private Properties properties(String applicationName, int answerSeconds) {
    Properties properties = new Properties();
    PGProperty.USER.set(properties, user);
    PGProperty.PASSWORD.set(properties, password);
    PGProperty.APPLICATION_NAME.set(properties, applicationName);
    PGProperty.TCP_KEEP_ALIVE.set(properties, true);
    PGProperty.CONNECT_TIMEOUT.set(properties, 5);
    PGProperty.SOCKET_TIMEOUT.set(properties, answerSeconds);
    return properties;
  }

  /// The URL's parts, under the names of pgjdbc's properties.
  Properties parts() {
    Properties defaults = new Properties();
    PGProperty.USER.set(defaults, user);
    PGProperty.PASSWORD.set(defaults, password);
    Properties parsed = Driver.parseURL(url, defaults);
    if (parsed == null) {
      throw new BridgeException("penstock.bridge.database-url is no URL of a Postgres: " + url);
    }
    return parsed;
  }
}
