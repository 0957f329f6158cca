package dev.penstock.bench;

import dev.penstock.bridge.BridgeApplication;
import dev.penstock.command.CommandApplication;
import dev.penstock.contracts.Topics;
import dev.penstock.gateway.GatewayApplication;
import dev.penstock.shapes.ShapesApplication;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/// A database, its topics, and the services that were asked for.
final class Rig implements AutoCloseable {
  static final String AUTH_SECRET = "an-auth-secret-of-more-than-32-bytes";

  private final Stand stand;
  private final String name;
  private final String jdbcUrl;
  private final Topics topics;
  private final Deque<Service> services = new ArrayDeque<>();
  private final List<Ready> starting = new ArrayList<>();
  private int starts;

  private record Ready(String what, Callable<Boolean> check) {}

  Rig(Stand stand, String name, String jdbcUrl) {
    this.stand = stand;
    this.name = name;
    this.jdbcUrl = jdbcUrl;
    topics = new Topics(name);
  }

  Stand stand() {
    return stand;
  }

  /// Of the database, the slot and the publication.
  String name() {
    return name;
  }

  String jdbcUrl() {
    return jdbcUrl;
  }

  Topics topics() {
    return topics;
  }

  Map<String, Object> kafka() {
    return Map.of("bootstrap.servers", stand.bootstrapServers());
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(jdbcUrl, "postgres", "");
  }

  void sql(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  String text(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        var row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  /// A synced table of `id`, `part` and `body`.
  void createFact() throws SQLException {
    sql("create table fact (id bigint primary key, part text not null, body text)");
    sql("alter table fact replica identity full");
  }

  void publish(String table) throws SQLException {
    sql("grant select on " + table + " to penstock_shapes, penstock_bridge");
    sql("alter publication " + name + " add table " + table);
  }

  /// Waits until all services that were started are ready.
  void ready() throws Exception {
    for (Ready one : starting) {
      Waiting.until(
          one.what,
          () -> {
            requireRunning();
            return one.check.call();
          });
    }
    starting.clear();
  }

  /// Begins to start it, as all below do: they start at once, and [#ready] waits for them.
  Service bridge() {
    String active = "select active from pg_replication_slots where slot_name = '" + name + "'";
    starting.add(new Ready("the bridge to lead", () -> text(active).equals("t")));
    return bridgeAlone();
  }

  /// The bridge, whose start somebody else waits for.
  Service bridgeAlone() {
    Map<String, Object> own = properties("bridge");
    own.put("penstock.bridge.slot", name);
    own.put("penstock.bridge.publication", name);
    own.put("penstock.bridge.progress-interval", "500ms");
    own.put("penstock.bridge.partition-columns.fact", "part");
    return start(BridgeApplication.class, "bridge", 0, own);
  }

  Service shapes(Map<String, ?> settings) throws IOException {
    Map<String, Object> own = properties("shapes");
    own.put("penstock.shapes.publication", name);
    own.put("penstock.shapes.development", true);
    own.put("penstock.shapes.handle-secret", "a-handle-secret-of-more-than-32-bytes");
    own.putAll(settings);
    Service shapes = startHttp(ShapesApplication.class, "shapes", own);
    starting.add(
        new Ready("the shape-server", () -> Http.status(shapes.url() + "/v1/health") == 200));
    return shapes;
  }

  Service command() throws IOException {
    Map<String, Object> own = properties("command");
    own.remove("penstock.command.kafka-bootstrap-servers");
    own.remove("penstock.command.topic-prefix");
    own.put("penstock.command.auth-secret", AUTH_SECRET);
    Service command = startHttp(CommandApplication.class, "command", own);
    starting.add(
        new Ready("the command-service", () -> Http.status(command.url() + "/health") == 200));
    return command;
  }

  /// Its limits per user and address are out of the way: one address is all users here.
  ///
  /// @param command the command-service's address, or any if it is not used
  Service gateway(String shapes, String command) throws IOException {
    Map<String, Object> own = properties("gateway");
    own.put("penstock.gateway.shapes-url", shapes);
    own.put("penstock.gateway.command-url", command);
    own.put("penstock.gateway.auth-secret", AUTH_SECRET);
    own.put("penstock.gateway.shape-token-keys", "k1:a-shape-secret-of-more-than-32-bytes!");
    own.put("penstock.gateway.shape-token-lifetime", "1h");
    own.put("penstock.gateway.held-per-user", 20_000);
    own.put("penstock.gateway.held-per-address", 20_000);
    for (String limit : new String[] {"user-rate", "user-burst", "address-rate", "address-burst"}) {
      own.put("penstock.gateway." + limit, 1_000_000);
    }
    Service gateway = startHttp(GatewayApplication.class, "gateway", own);
    starting.add(new Ready("the gateway", () -> Http.status(gateway.url() + "/shape") == 401));
    return gateway;
  }

  private Map<String, Object> properties(String service) {
    Map<String, Object> properties = new HashMap<>();
    properties.put("penstock." + service + ".database-url", jdbcUrl);
    properties.put("penstock." + service + ".kafka-bootstrap-servers", stand.bootstrapServers());
    properties.put("penstock." + service + ".topic-prefix", topics.prefix());
    return properties;
  }

  /// A name for its output.
  private String unique(String service) {
    return "%s-%s-%d".formatted(name, service, ++starts);
  }

  private Service startHttp(Class<?> main, String service, Map<String, Object> properties)
      throws IOException {
    int port = Stand.freePort();
    properties.put("penstock." + service + ".port", port);
    return start(main, service, port, properties);
  }

  private Service start(Class<?> main, String service, int port, Map<String, Object> properties) {
    Service started = Service.start(main, stand.directory(), unique(service), port, properties);
    services.push(started);
    return started;
  }

  /// Fails if a service has ended by itself.
  void requireRunning() {
    if (!services.stream().allMatch(Service::isRunning)) {
      throw new IllegalStateException("a program has ended: see its output");
    }
  }

  /// Stops one of its services.
  void stop(Service service) {
    service.close();
    services.remove(service);
  }

  /// Starts a program that is no service of Penstock.
  Service other(Class<?> main, String what, List<String> arguments) {
    Service started = Service.start(main, stand.directory(), unique(what), 0, arguments);
    services.push(started);
    return started;
  }

  /// Drops its slots, of which a server has so many.
  @Override
  public void close() {
    services.forEach(Service::close);
    String own = " from pg_replication_slots where database = '" + name + "'";
    try {
      Waiting.until(
          "the slots to be free", () -> text("select count(*)" + own + " and active").equals("0"));
      sql("select pg_drop_replication_slot(slot_name)" + own);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      throw new IllegalStateException("the slots stay", e);
    }
  }
}
