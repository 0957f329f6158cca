package dev.penstock.bridge;

import dev.penstock.contracts.Migrations;
import dev.penstock.contracts.Topics;
import dev.penstock.contracts.log.LogEvent;
import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.Transaction;
import dev.penstock.stack.PostgresServer;
import dev.penstock.stack.TestStack;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ConfigurableApplicationContext;

/// A bridge over a database and topics of its own.
final class TestBridge implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(60);

  final String url;
  final String kafka;
  final Topics topics;
  final String name;
  private final Map<String, Object> settings = new HashMap<>();
  private @Nullable ConfigurableApplicationContext context;

  TestBridge(String url, String kafka, String... ddl) throws SQLException {
    this.url = url;
    this.kafka = kafka;
    topics = new Topics(TestStack.newTopicPrefix().replaceFirst("\\.$", ""));
    name = topics.prefix().replace('-', '_');
    new Migrations(url, "postgres", "", name, name).migrate();
    try (Connection connection = connect()) {
      // What a migration that adds a synced table grants by itself.
      Sql.run(
          connection,
          "alter default privileges in schema public grant select on tables to penstock_bridge");
      for (String sql : ddl) {
        Sql.run(connection, sql);
      }
    }
  }

  static TestBridge onSharedStack(String... ddl) throws SQLException {
    return new TestBridge(TestStack.newDatabase(), TestStack.bootstrapServers(), ddl);
  }

  /// A table that is published besides the migrations' own.
  static String[] fact() {
    return new String[] {
      "create table fact (id bigint primary key, part text not null, body text)",
      "alter table fact replica identity full",
      "grant select on fact to penstock_bridge",
      "do $$ begin execute format('alter publication %I add table fact',"
          + " (select pubname from pg_publication)); end $$"
    };
  }

  /// What [StormLoad] writes to.
  static String[] storm() {
    return Stream.concat(Arrays.stream(fact()), Stream.of("create table aside (id int)"))
        .toArray(String[]::new);
  }

  Map<String, Object> properties() {
    Map<String, Object> properties = new HashMap<>();
    properties.put("penstock.bridge.database-url", PostgresServer.withoutUser(url));
    properties.put("penstock.bridge.kafka-bootstrap-servers", kafka);
    properties.put("penstock.bridge.topic-prefix", topics.prefix());
    properties.put("penstock.bridge.slot", name);
    properties.put("penstock.bridge.publication", name);
    properties.put("penstock.bridge.progress-interval", "500ms");
    properties.put("penstock.bridge.canary-interval", "0s");
    properties.put("penstock.bridge.partition-columns.fact", "part");
    properties.putAll(settings);
    return properties;
  }

  /// Of the next start.
  void setting(String key, Object value) {
    settings.put(key, value);
  }

  void start() {
    context = BridgeApplication.start(properties());
  }

  void startAndLead() throws InterruptedException, TimeoutException {
    start();
    bean(BridgeStatus.class).awaitLeading(Duration.ofSeconds(60));
  }

  <T> T bean(Class<T> type) {
    return Objects.requireNonNull(context).getBean(type);
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(url, "postgres", "");
  }

  LogReader reader() {
    return LogReader.fromBeginning(Map.of("bootstrap.servers", kafka), topics.log());
  }

  /// All transactions of the log, read from its beginning until one is `last`.
  List<Transaction> transactionsUntil(Predicate<Transaction> last) {
    List<Transaction> all = new ArrayList<>();
    try (LogReader reader = reader()) {
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (System.nanoTime() < deadline) {
        for (LogEvent event : reader.poll(Duration.ofMillis(100))) {
          switch (event) {
            case Transaction transaction -> {
              all.add(transaction);
              if (last.test(transaction)) {
                return all;
              }
            }
            case LogEvent.Gap(String reason) -> throw new AssertionError(reason);
            case LogEvent.Opened _, LogEvent.Claimed _, LogEvent.Progressed _ -> {}
          }
        }
      }
    }
    throw new AssertionError("the last of " + all.size() + " transactions did not come");
  }

  List<Transaction> transactionsUntil(long txid) {
    return transactionsUntil(transaction -> transaction.txid() == txid);
  }

  void stop() {
    Objects.requireNonNull(context).close();
  }

  @Override
  public void close() {
    if (context != null) {
      context.close();
    }
    // A server has so many slots, and each keeps WAL.
    try (Connection connection = connect()) {
      Sql.run(
          connection,
          "select pg_drop_replication_slot(slot_name) from pg_replication_slots where not active and"
              + " slot_name = '%s'".formatted(name));
    } catch (SQLException e) {
      System.out.println("TestBridge: the slot stays: " + e.getMessage());
    }
  }
}
