package dev.penstock.stack;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/// A program in a JVM of its own, with a small heap and on this JVM's class path, that can be
/// killed, frozen and asked to stop, and that dies with this JVM.
public final class ChildJvm implements AutoCloseable {
  private static final Duration REAP = Duration.ofSeconds(10);

  /// Soon up, and small.
  private static final List<String> SMALL =
      List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private final Process process;

  private ChildJvm(Process process) {
    this.process = process;
  }

  /// Starts it.
  ///
  /// @param main has a `public static void main(String[])`
  /// @param output what it prints is appended there
  public static ChildJvm start(Class<?> main, Path output, List<String> arguments) {
    return start(SMALL, main, output, arguments);
  }

  /// Starts it with other flags than the small heap and the fast compiler.
  public static ChildJvm start(
      List<String> flags, Class<?> main, Path output, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            ChildJvmMain.class.getName(),
            main.getName()));
    command.addAll(arguments);
    try {
      return new ChildJvm(
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
              .start());
    } catch (IOException e) {
      throw StackException.unwritable(output, e);
    }
  }

  public long pid() {
    return process.pid();
  }

  public boolean isRunning() {
    return process.isAlive();
  }

  /// SIGKILL; returns when it is gone. Also ends a frozen one.
  public void kill() {
    process.destroyForcibly();
    var _ = awaitExit(REAP);
  }

  /// SIGTERM; returns at once.
  public void terminate() {
    process.destroy();
  }

  /// SIGSTOP: its connections stay open, and it does not answer.
  public void freeze() {
    Processes.signal("STOP", process.pid());
  }

  /// SIGCONT.
  public void thaw() {
    Processes.signal("CONT", process.pid());
  }

  /// Waits for its end.
  ///
  /// @return the exit code; empty if it still runs after `limit`
  public OptionalInt awaitExit(Duration limit) {
    try {
      return process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS)
          ? OptionalInt.of(process.exitValue())
          : OptionalInt.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return OptionalInt.empty();
    }
  }

  @Override
  public void close() {
    kill();
  }
}
