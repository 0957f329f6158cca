package dev.penstock.local;

import dev.penstock.answers.AnswersApplication;
import dev.penstock.bridge.BridgeApplication;
import dev.penstock.command.CommandApplication;
import dev.penstock.gateway.GatewayApplication;
import dev.penstock.local.Launcher.Backends;
import dev.penstock.shapes.ShapesApplication;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.springframework.context.ConfigurableApplicationContext;

/// The services of one Penstock in this JVM, each a Spring context of its own.
final class Services {
  private final Settings settings;
  private final Secrets secrets;
  private final Backends backends;
  private final Progress progress;
  private final Consumer<AutoCloseable> started;

  Services(
      Settings settings,
      Secrets secrets,
      Backends backends,
      Progress progress,
      Consumer<AutoCloseable> started) {
    this.settings = settings;
    this.secrets = secrets;
    this.backends = backends;
    this.progress = progress;
    this.started = started;
  }

  /// Starts them in the order in which data flows, and returns the page's address.
  String start() throws Exception {
    ConfigurableApplicationContext bridge =
        start("replication-bridge", () -> BridgeApplication.start(bridge()));
    progress.step("  leads, log open", () -> Readiness.awaitLeader(bridge));
    String shapesUrl = settings.electricUrl();
    if (shapesUrl == null) {
      int shapes = port(start("shape-server", () -> ShapesApplication.start(shapes())));
      shapesUrl = "http://127.0.0.1:" + shapes;
    }
    String upstream = shapesUrl;
    int command = port(start("command-service", () -> CommandApplication.start(command(upstream))));
    progress.step("  shapes served", () -> Readiness.awaitShapes(upstream));
    start("answer-generator", () -> AnswersApplication.start(answers()));
    int gateway =
        port(
            start(
                "gateway",
                () -> GatewayApplication.start(gateway(command, upstream), DevLogin.class)));
    return "http://localhost:" + gateway;
  }

  private ConfigurableApplicationContext start(
      String name, java.util.concurrent.Callable<ConfigurableApplicationContext> application)
      throws Exception {
    ConfigurableApplicationContext context = progress.step(name, application);
    started.accept(context);
    return context;
  }

  private Map<String, Object> bridge() {
    return withOverrides("bridge", database("bridge"));
  }

  private Map<String, Object> command(String shapesUrl) {
    Map<String, Object> properties = database("command");
    if (settings.electricUrl() == null) {
      properties.put("penstock.command.shapes-urls", shapesUrl);
    }
    properties.put("penstock.command.port", settings.commandPort());
    properties.put("penstock.command.auth-secret", secrets.auth());
    return withOverrides("command", properties);
  }

  private Map<String, Object> shapes() {
    Map<String, Object> properties = database("shapes");
    properties.put("penstock.shapes.port", settings.shapesPort());
    properties.put("penstock.shapes.development", true);
    properties.put("penstock.shapes.lazy-discovery", true);
    properties.put("penstock.shapes.handle-secret", secrets.handle());
    return withOverrides("shapes", properties);
  }

  private Map<String, Object> answers() {
    return withOverrides("answers", database("answers"));
  }

  private Map<String, Object> gateway(int commandPort, String shapesUrl) {
    Map<String, Object> properties = database("gateway");
    properties.put("penstock.gateway.port", settings.gatewayPort());
    properties.put("penstock.gateway.address", settings.address());
    properties.put("penstock.gateway.shapes-url", shapesUrl);
    String electricSecret = settings.electricSecret();
    if (electricSecret != null) {
      properties.put("penstock.gateway.shapes-secret", electricSecret);
    }
    properties.put("penstock.gateway.command-url", "http://127.0.0.1:" + commandPort);
    properties.put("penstock.gateway.auth-secret", secrets.auth());
    properties.put("penstock.gateway.shape-token-keys", "local:" + secrets.shapeToken());
    properties.put(DevLogin.SECRET, secrets.auth());
    // A local stop waits for nobody: held polls resume at the next start.
    properties.put("spring.lifecycle.timeout-per-shutdown-phase", "300ms");
    properties.put("spring.reactor.netty.shutdown-quiet-period", "0s");
    return withOverrides("gateway", properties);
  }

  private Map<String, Object> database(String service) {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("penstock.otlp-endpoint", settings.otlpEndpoint());
    properties.put("penstock." + service + ".database-url", backends.databaseUrl());
    properties.put("penstock." + service + ".kafka-bootstrap-servers", backends.bootstrapServers());
    return properties;
  }

  private Map<String, Object> withOverrides(String service, Map<String, Object> properties) {
    properties.putAll(settings.service(service));
    return properties;
  }

  private static int port(ConfigurableApplicationContext context) {
    return Integer.parseInt(
        Objects.requireNonNull(context.getEnvironment().getProperty("local.server.port")));
  }
}
