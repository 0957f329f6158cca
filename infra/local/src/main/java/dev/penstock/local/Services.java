package dev.penstock.local;

import dev.penstock.analytics.AnalyticsAddress;
import dev.penstock.analytics.AnalyticsApplication;
import dev.penstock.local.Instances.Group;
import dev.penstock.local.Launcher.Backends;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.springframework.context.ConfigurableApplicationContext;

/// The services of one Penstock, each a Spring context of its own, in this JVM or in others.
final class Services {
  private static final String LOOPBACK = "127.0.0.1";

  private final Settings settings;
  private final Secrets secrets;
  private final Backends backends;
  private final Progress progress;
  private final Consumer<AutoCloseable> started;
  private final Instances instances;

  Services(
      Settings settings,
      Secrets secrets,
      Backends backends,
      Progress progress,
      Consumer<AutoCloseable> started,
      Instances instances) {
    this.settings = settings;
    this.secrets = secrets;
    this.backends = backends;
    this.progress = progress;
    this.started = started;
    this.instances = instances;
  }

  /// Starts them in the order in which data flows, and returns the page's address.
  String start() throws Exception {
    Group bridges = start(Service.REPLICATION_BRIDGE, bridge());
    progress.step("  leads, log open", () -> Readiness.awaitLeader(bridges.members()));
    String shapesUrl = settings.electricUrl();
    // Each is asked what it has released; an Electric does not tell.
    String eachShapesUrl = "";
    if (shapesUrl == null) {
      Group shapes = start(Service.SHAPE_SERVER, shapes());
      eachShapesUrl =
          shapes.members().stream()
              .map(one -> "http://" + LOOPBACK + ":" + one.port())
              .collect(Collectors.joining(","));
      shapesUrl = "http://" + LOOPBACK + ":" + port(shapes, LOOPBACK, settings.shapesPort());
    }
    String upstream = shapesUrl;
    int command =
        port(
            start(Service.COMMAND_SERVICE, command(eachShapesUrl)),
            LOOPBACK,
            settings.commandPort());
    progress.step("  shapes served", () -> Readiness.awaitShapes(upstream));
    var _ = start(Service.ANSWER_GENERATOR, answers());
    startAnalytics();
    int gateway =
        port(
            start(Service.GATEWAY, gateway(command, upstream)),
            settings.address(),
            settings.gatewayPort());
    return "http://localhost:" + gateway;
  }

  /// Only where its port is given, and always one: a file is of one process.
  private void startAnalytics() throws Exception {
    if (settings.service("analytics").containsKey("penstock.analytics.port")) {
      Map<String, Object> properties = new LinkedHashMap<>();
      properties.put("penstock.analytics.kafka-bootstrap-servers", backends.bootstrapServers());
      properties.put("penstock.analytics.file", settings.dataDir().resolve("analytics.duckdb"));
      withOverrides("analytics", properties);
      ConfigurableApplicationContext analytics =
          progress.step("analytics", () -> AnalyticsApplication.start(properties));
      started.accept(analytics);
      progress.say(
          "  analytics: http://localhost:" + analytics.getBean(AnalyticsAddress.class).port());
    }
  }

  private Group start(Service service, Map<String, Object> properties) throws Exception {
    Group group =
        progress.step(
            instances.replicas() == 1
                ? service.label()
                : service.label() + " × " + instances.replicas(),
            () -> instances.start(service, properties));
    started.accept(group);
    return group;
  }

  /// Where the only instance serves, or a round-robin before several.
  private int port(Group group, String address, int port) throws IOException {
    if (instances.replicas() == 1) {
      return group.members().getFirst().port();
    }
    RoundRobin before =
        RoundRobin.start(
            group.service().label(),
            address,
            port,
            group.members().stream().map(Instance::port).toList(),
            group.service().healthPath());
    started.accept(before);
    return before.port();
  }

  /// Several cannot have the port that one would.
  private int portOfOne(int port) {
    return instances.replicas() == 1 ? port : 0;
  }

  /// A round-robin takes note within 0.5 s and a moment; without one nobody does.
  private String drain(String usual) {
    return instances.processes() && instances.replicas() > 1 ? usual : "0s";
  }

  private Map<String, Object> bridge() {
    return withOverrides("bridge", database("bridge"));
  }

  private Map<String, Object> command(String shapesUrls) {
    Map<String, Object> properties = database("command");
    properties.put("penstock.command.shapes-urls", shapesUrls);
    properties.put("penstock.command.port", portOfOne(settings.commandPort()));
    properties.put("penstock.command.auth-secret", secrets.auth());
    properties.put("penstock.command.drain", drain("2s"));
    return withOverrides("command", properties);
  }

  private Map<String, Object> shapes() {
    Map<String, Object> properties = database("shapes");
    // Lazy discovery prepares tables, which only their owner may.
    properties.put("penstock.shapes.database-url", backends.databaseUrl());
    properties.put("penstock.shapes.port", portOfOne(settings.shapesPort()));
    properties.put("penstock.shapes.development", true);
    properties.put("penstock.shapes.lazy-discovery", true);
    properties.put("penstock.shapes.handle-secret", secrets.handle());
    properties.put("penstock.shapes.drain", drain("2s"));
    return withOverrides("shapes", properties);
  }

  private Map<String, Object> answers() {
    return withOverrides("answers", database("answers"));
  }

  private Map<String, Object> gateway(int commandPort, String shapesUrl) {
    Map<String, Object> properties = database("gateway");
    properties.put("penstock.gateway.port", portOfOne(settings.gatewayPort()));
    properties.put("penstock.gateway.address", settings.address());
    properties.put("penstock.gateway.shapes-url", shapesUrl);
    String electricSecret = settings.electricSecret();
    if (electricSecret != null) {
      properties.put("penstock.gateway.shapes-secret", electricSecret);
    }
    properties.put("penstock.gateway.command-url", "http://" + LOOPBACK + ":" + commandPort);
    properties.put("penstock.gateway.auth-secret", secrets.auth());
    properties.put("penstock.gateway.shape-token-keys", "local:" + secrets.shapeToken());
    properties.put(DevLogin.SECRET, secrets.auth());
    properties.put("penstock.gateway.drain", drain("5s"));
    if (!instances.processes()) {
      // A local stop waits for nobody: held polls resume at the next start.
      properties.put("spring.lifecycle.timeout-per-shutdown-phase", "300ms");
    }
    properties.put("spring.reactor.netty.shutdown-quiet-period", "0s");
    return withOverrides("gateway", properties);
  }

  private Map<String, Object> database(String service) {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("penstock.otlp-endpoint", settings.otlpEndpoint());
    properties.put("penstock." + service + ".database-url", backends.serviceUrl());
    properties.put("penstock." + service + ".kafka-bootstrap-servers", backends.bootstrapServers());
    return properties;
  }

  private Map<String, Object> withOverrides(String service, Map<String, Object> properties) {
    properties.putAll(settings.service(service));
    return properties;
  }
}
