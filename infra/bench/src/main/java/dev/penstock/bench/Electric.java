package dev.penstock.bench;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.UUID;

/// A real Electric that somebody else runs, and the database that it reads.
record Electric(String url, String secret, String jdbcUrl) {
  /// As `messages`, without its foreign keys.
  static final String TABLE = "bench_messages";

  static final String MISSING = "PENSTOCK_ELECTRIC_URL and PENSTOCK_DATABASE_URL are not set";

  /// Makes the table anew where an Electric is given.
  static Optional<Electric> of(Options options) throws SQLException {
    String url = options.electricUrl();
    String database = options.electricDatabase();
    if (url == null || database == null) {
      return Optional.empty();
    }
    String secret = options.electricSecret();
    Electric electric = new Electric(url, secret == null ? "" : secret, database);
    try (Connection connection = electric.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("drop table if exists " + TABLE);
      statement.execute(
          "create table "
              + TABLE
              + " (id uuid primary key, conversation_id uuid not null, role text not null,"
              + " status text not null, content text not null, error text, reply_to uuid,"
              + " created_at timestamptz not null, updated_at timestamptz not null)");
    }
    return Optional.of(electric);
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(jdbcUrl, "postgres", "");
  }

  Target target(UUID conversation) {
    String rest =
        secret.isEmpty() ? "" : "&secret=" + URLEncoder.encode(secret, StandardCharsets.UTF_8);
    return Target.shape(url, TABLE, conversation, rest);
  }
}
