package dev.penstock.local;

import dev.penstock.stack.StackException;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// `java -jar penstock.jar [--name=value …]`: starts everything, says where, and stops everything
/// in order on SIGINT and SIGTERM.
public final class Penstock {
  /// A stop that hangs is ended after this: data is safe against a kill, and a hanging terminal
  /// helps nobody.
  private static final long STOP_SECONDS = 9;

  private Penstock() {}

  public static void main(String[] arguments) {
    PrintStream out = System.out;
    Launcher launcher = null;
    try {
      Settings settings = Settings.of(System.getenv(), List.of(arguments));
      System.setProperty("penstock.logs", settings.dataDir().resolve("logs").toString());
      launcher = new Launcher(settings, new Progress(out));
      stopOnSignal(launcher);
      launcher.start();
    } catch (SettingException | StackException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    } catch (Exception e) {
      System.err.println(Failures.sentence(e));
      System.exit(1);
    }
  }

  private static void stopOnSignal(Launcher launcher) {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  CountDownLatch stopped = new CountDownLatch(1);
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
                          "Penstock did not stop within " + STOP_SECONDS + " s and is ended.");
                      Runtime.getRuntime().halt(1);
                    }
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                },
                "shutdown"));
  }
}
