package dev.penstock.local;

import dev.penstock.replay.Commands;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;
import org.springframework.boot.logging.LoggingSystem;

/// `java -jar penstock.jar [--name=value …]`: starts everything, says where, and stops everything
/// in order on SIGINT and SIGTERM. `java -jar penstock.jar replay …` runs a command instead.
public final class Penstock {
  /// A stop that hangs is ended after this: data is safe against a kill, and a hanging terminal
  /// helps nobody.
  private static final long STOP_SECONDS = 8;

  private static final long ABORT_MILLIS = 800;

  /// The system property that logback.xml reads: `text` or `json`.
  static final String LOG_FORMAT = "penstock.log.format";

  /// First argument of a process that is one service.
  static final String SERVICE = "service";

  private Penstock() {}

  public static void main(String[] arguments) {
    PrintStream out = System.out;
    if (Commands.isCommand(arguments)) {
      System.setProperty("penstock.logs", System.getProperty("java.io.tmpdir"));
      System.exit(Commands.run(out, System.err, arguments));
    }
    Launcher launcher = null;
    try {
      if (arguments.length == 2 && arguments[0].equals(SERVICE)) {
        oneLog();
        ServiceMain.run(arguments[1]);
        return;
      }
      Settings settings = Settings.of(System.getenv(), List.of(arguments));
      System.setProperty(LOG_FORMAT, settings.logFormat());
      prepareLog(settings.dataDir());
      launcher = new Launcher(settings, new Progress(out));
      stopOnSignal(launcher);
      launcher.start();
    } catch (Throwable e) {
      if (launcher == null || !launcher.isStopping()) {
        if (launcher != null) {
          LoggerFactory.getLogger(Penstock.class).atError().setCause(e).log("the start failed");
        }
        System.err.println(Failures.sentence(e));
        System.exit(1);
      }
    }
  }

  /// All services log into one file; no Spring context may configure or end it, since it is not the
  /// only one.
  private static void prepareLog(Path dataDirectory) {
    Path logs = dataDirectory.resolve("logs");
    try {
      Files.createDirectories(logs);
      if (!Files.isWritable(dataDirectory) || !Files.isWritable(logs)) {
        throw new IOException("not writable");
      }
    } catch (IOException e) {
      throw new SettingException(
          "The data directory %s cannot be written: choose another one with --data-dir (PENSTOCK_DATA_DIR)."
              .formatted(dataDirectory));
    }
    System.setProperty("penstock.logs", logs.toString());
    oneLog();
  }

  private static void oneLog() {
    System.setProperty(LoggingSystem.SYSTEM_PROPERTY, LoggingSystem.NONE);
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
  }

  private static void stopOnSignal(Launcher launcher) {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  CountDownLatch stopped = new CountDownLatch(1);
                  Thread stop =
                      Thread.ofPlatform()
                          .daemon()
                          .name("stop")
                          .start(() -> {
                            launcher.close();
                            stopped.countDown();
                          });
                  try {
                    if (!stopped.await(STOP_SECONDS, TimeUnit.SECONDS)) {
                      System.err.println(
                          "Penstock did not stop within %d s and is ended. It was at:\n  %s"
                              .formatted(
                                  STOP_SECONDS,
                                  Stream.of(stop.getStackTrace())
                                      .map(StackTraceElement::toString)
                                      .collect(Collectors.joining("\n  "))));
                      Thread abort =
                          Thread.ofPlatform().daemon().name("abort").start(launcher::abort);
                      abort.join(ABORT_MILLIS);
                      Runtime.getRuntime().halt(1);
                    }
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                },
                "shutdown"));
  }
}
