package dev.penstock.shapes;

import dev.penstock.contracts.Migrations;
import dev.penstock.contracts.Topics;
import dev.penstock.stack.PostgresServer;
import dev.penstock.stack.TestStack;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.springframework.context.ConfigurableApplicationContext;

/// A database, its log, and shape-servers over them.
final class TestShapes implements AutoCloseable {
  final String jdbcUrl;
  final Connection connection;
  final Pump pump;
  final String prefix = TestStack.newTopicPrefix() + "p";
  private final String slot = "s_" + UUID.randomUUID().toString().replace("-", "");

  TestShapes() {
    this(TestStack.newDatabase());
  }

  /// @param jdbcUrl of an empty database
  TestShapes(String jdbcUrl) {
    this.jdbcUrl = jdbcUrl;
    new Migrations(jdbcUrl, "postgres", "", "penstock", slot).migrate();
    try {
      connection = DriverManager.getConnection(jdbcUrl);
      sql("set timezone = 'UTC'");
      // What a migration that adds a synced table grants by itself.
      sql("alter default privileges in schema public grant select on tables to penstock_shapes");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    pump =
        new Pump(jdbcUrl, TestStack.bootstrapServers(), new Topics(prefix).log(), "penstock", slot);
  }

  /// Starts a server that is ready.
  ConfigurableApplicationContext server(Map<String, Object> settings) {
    Map<String, Object> all = new HashMap<>();
    all.put("penstock.shapes.port", 0);
    all.put("penstock.shapes.database-url", PostgresServer.withoutUser(jdbcUrl));
    all.put("penstock.shapes.kafka-bootstrap-servers", TestStack.bootstrapServers());
    all.put("penstock.shapes.topic-prefix", prefix);
    all.put("penstock.shapes.development", true);
    all.put("penstock.shapes.long-poll", "2s");
    if (Boolean.TRUE.equals(settings.get("lazy-discovery"))) {
      all.put("penstock.shapes.database-user", "postgres");
    }
    settings.forEach((key, value) -> all.put("penstock.shapes." + key, value));
    ConfigurableApplicationContext context = ShapesApplication.start(all);
    Client client = client(context);
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> client.get("/v1/health").status() == 200);
    return context;
  }

  static Client client(ConfigurableApplicationContext context) {
    return new Client(
        "http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port"));
  }

  /// Makes a table a synced one.
  void publish(String definition, String table) {
    sql("create table " + table + " " + definition);
    sql("alter table " + table + " replica identity full");
    sql("alter publication penstock add table " + table);
  }

  void sql(String sql) {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /// Runs statements in one transaction.
  ///
  /// @return its txid
  long transaction(String... statements) {
    try (Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (String sql : statements) {
        statement.execute(sql);
      }
      long txid;
      try (ResultSet row =
          statement.executeQuery("select pg_current_xact_id()::xid::text::bigint")) {
        row.next();
        txid = row.getLong(1);
      }
      connection.commit();
      connection.setAutoCommit(true);
      return txid;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The end of the WAL, with a commit behind it that carries every instance past it.
  long endOfLog() {
    long lsn = Long.parseLong(text("select (pg_current_wal_insert_lsn() - '0/0')::text"));
    transaction("insert into conversations values (gen_random_uuid(), 'o', 't')");
    return lsn;
  }

  String text(String sql) {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  @Override
  public void close() {
    pump.close();
    try {
      connection.close();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
