package dev.penstock.replay;

import static org.awaitility.Awaitility.await;

import dev.penstock.bridge.BridgeApplication;
import dev.penstock.contracts.Migrations;
import dev.penstock.contracts.Topics;
import dev.penstock.stack.TestStack;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ConfigurableApplicationContext;

/// A database whose bridge fills an archive of its own.
final class TestArchive implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofMinutes(4);

  String url;
  final String bootstrapServers;
  final Topics topics = new Topics(TestStack.newTopicPrefix().replaceFirst("\\.$", ""));
  final String name = topics.prefix().replace('-', '_');
  Connection source;
  private @Nullable ConfigurableApplicationContext bridge;
  private @Nullable UUID left;

  private TestArchive(String bootstrapServers, List<String> ddl) throws SQLException {
    this.bootstrapServers = bootstrapServers;
    url = TestStack.newDatabase();
    new Migrations(url, "postgres", "", name, name).migrate();
    source = connect(url);
    run(source, ddl.toArray(String[]::new));
    startBridge();
  }

  TestArchive(String... ddl) throws SQLException {
    this(TestStack.bootstrapServers(), List.of(ddl));
  }

  static TestArchive on(String bootstrapServers) throws SQLException {
    return new TestArchive(bootstrapServers, List.of());
  }

  /// Another database in the place of the first, with the same tables and none of its rows; its
  /// bridge is still to be started.
  void moveTo(String other) throws SQLException {
    stopBridge();
    try (Archive archive = archive()) {
      left = archive.routed().map(Place::generation).orElse(null);
    }
    run(source, "select pg_drop_replication_slot('" + name + "')");
    source.close();
    url = other;
    new Migrations(url, "postgres", "", name, name).migrate();
    source = connect(url);
  }

  /// Returns when the keyed topics have the snapshot of the database that was moved to.
  void awaitMoved() {
    try (Archive archive = archive()) {
      await()
          .atMost(PATIENCE)
          .until(
              () -> archive.routed().filter(place -> !place.generation().equals(left)).isPresent());
    }
  }

  void startBridge() {
    startBridge(Map.of());
  }

  void startBridge(Map<String, Object> changes) {
    Map<String, Object> properties = new HashMap<>(changes);
    properties.put("penstock.bridge.database-url", url);
    properties.put("penstock.bridge.kafka-bootstrap-servers", bootstrapServers);
    properties.put("penstock.bridge.topic-prefix", topics.prefix());
    properties.put("penstock.bridge.slot", name);
    properties.put("penstock.bridge.publication", name);
    properties.put("penstock.bridge.progress-interval", "300ms");
    bridge = BridgeApplication.start(properties);
  }

  void stopBridge() {
    if (bridge != null) {
      bridge.close();
      bridge = null;
    }
  }

  static Connection connect(String url) throws SQLException {
    return DriverManager.getConnection(url, "postgres", "");
  }

  static void run(Connection connection, String... statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  static @Nullable String text(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next() ? row.getString(1) : null;
    }
  }

  /// One transaction; returns its txid.
  long commit(String... statements) throws SQLException {
    source.setAutoCommit(false);
    try {
      run(source, statements);
      long txid = dev.penstock.contracts.Txid.current(source);
      source.commit();
      return txid;
    } finally {
      source.rollback();
      source.setAutoCommit(true);
    }
  }

  Map<String, Object> kafka() {
    return Map.of("bootstrap.servers", bootstrapServers);
  }

  Archive archive() {
    return new Archive(kafka(), topics, false);
  }

  /// Returns when the keyed topics have everything that is committed.
  void awaitRouted() throws SQLException {
    String now = text(source, "select pg_current_wal_insert_lsn() - '0/0'::pg_lsn");
    long lsn = Long.parseLong(java.util.Objects.requireNonNull(now));
    try (Archive archive = archive()) {
      await()
          .atMost(PATIENCE)
          .until(() ->
              archive
                  .routed()
                  .filter(place -> Long.compareUnsigned(place.commitLsn(), lsn) >= 0)
                  .isPresent());
    }
  }

  /// What a command said and did.
  record Ran(int code, String out, String err) {}

  Ran replay(String... arguments) {
    return command("replay", arguments);
  }

  Ran command(String command, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    String[] all =
        Stream.concat(
                Stream.of(command, "--kafka", bootstrapServers, "--prefix", topics.prefix()),
                Arrays.stream(arguments))
            .toArray(String[]::new);
    int code =
        Commands.run(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            all);
    return new Ran(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /// Whether the copy has every published row, and says so table by table.
  boolean equals(String copyUrl, List<String> report) throws SQLException {
    try (Connection copy = connect(copyUrl)) {
      return new Verification(source, copy, new Filter(List.of(), List.of()), report::add).run();
    }
  }

  @Override
  public void close() {
    stopBridge();
    try {
      await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(() -> {
            run(
                source,
                "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '%s'"
                    .formatted(name));
            return true;
          });
      source.close();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
