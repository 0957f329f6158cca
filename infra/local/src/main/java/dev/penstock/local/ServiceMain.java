package dev.penstock.local;

import dev.penstock.bridge.BridgeStatus;
import dev.penstock.management.Drain;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.springframework.context.ConfigurableApplicationContext;

/// One service in a process of its own, told by the launcher what it is: `… service gateway-2`.
///
/// Its settings come by the standard input, since everybody may read an argument in `ps`. It says
/// [#READY] and the port, and a bridge [#LEADS] when it does. It ends with the launcher, however
/// that ends: then its input does, and it does not wait for requests to be sent elsewhere, as it
/// does at a SIGTERM of its own.
final class ServiceMain {
  static final String READY = "ready ";
  static final String LEADS = "leads";

  private static final int STOP_SECONDS = 9;

  private ServiceMain() {}

  /// @param name a service's label and a number, such as `gateway-2`
  static void run(String name) throws Exception {
    // Only the launcher reads this, so nothing else may be printed there.
    PrintStream launcher = System.out;
    System.setOut(System.err);
    ConfigurableApplicationContext context =
        Service.of(name.substring(0, name.lastIndexOf('-'))).start(readSettings());
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(context), "shutdown"));
    launcher.println(READY + port(context));
    context
        .getBeanProvider(BridgeStatus.class)
        .ifAvailable(bridge ->
            Readiness.leads(bridge)
                .thenRun(() -> launcher.println(LEADS))
                .exceptionally(ServiceMain::end));
    awaitLauncher();
    context.getBeanProvider(Drain.class).ifAvailable(Drain::hurry);
    System.exit(0);
  }

  private static @Nullable Void end(Throwable cannotLead) {
    LoggerFactory.getLogger(ServiceMain.class)
        .atError()
        .setCause(cannotLead)
        .log("the bridge cannot lead");
    System.exit(1);
    return null;
  }

  private static Map<String, Object> readSettings() throws IOException {
    DataInputStream in = new DataInputStream(System.in);
    Map<String, Object> settings = new HashMap<>();
    for (int left = in.readInt(); left > 0; left--) {
      settings.put(in.readUTF(), in.readUTF());
    }
    return settings;
  }

  private static void awaitLauncher() throws IOException {
    try {
      if (System.in.read() >= 0) {
        throw new EOFException("the launcher says nothing after the settings");
      }
    } finally {
      // From here on nobody reads what is printed.
      Objects.requireNonNull(System.in).close();
    }
  }

  private static int port(ConfigurableApplicationContext context) {
    return context.getEnvironment().getProperty("local.server.port", Integer.class, 0);
  }

  private static void stop(ConfigurableApplicationContext context) {
    Thread closing = Thread.ofPlatform().daemon().name("stop").start(context::close);
    try {
      if (!closing.join(java.time.Duration.ofSeconds(STOP_SECONDS))) {
        Runtime.getRuntime().halt(1);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
