package dev.penstock.local;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The launcher as a process of its own, as a person starts it, so that a test can kill it.
///
/// The environment's `PENSTOCK_ELECTRIC_URL`, `PENSTOCK_ELECTRIC_SECRET` and
/// `PENSTOCK_DATABASE_URL` reach it: so the same tests run against a real Electric.
final class PenstockProcess implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("Penstock is ready: (http://\\S+)");

  /// None runs for long enough to earn back the better compiler.
  private static final String SOON_UP = "-XX:TieredStopAtLevel=1";

  private static final List<String> PASSED_ON =
      List.of("PENSTOCK_ELECTRIC_URL", "PENSTOCK_ELECTRIC_SECRET", "PENSTOCK_DATABASE_URL");

  private final Process process;
  private final List<String> output = Collections.synchronizedList(new ArrayList<>());
  private final CompletableFuture<String> ready = new CompletableFuture<>();
  private final long startNanos = System.nanoTime();

  private PenstockProcess(Process process) {
    this.process = process;
    Thread.ofPlatform().daemon().name("penstock-output").start(this::read);
  }

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Starts on free ports unless the settings say otherwise.
  static PenstockProcess start(Path dataDirectory, String... settings) {
    return start(dataDirectory, Map.of(), settings);
  }

  static PenstockProcess start(
      Path dataDirectory, Map<String, String> environment, String... settings) {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx768m",
                "-XX:+UseSerialGC",
                SOON_UP,
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                withoutTests(System.getProperty("java.class.path")),
                Penstock.class.getName(),
                "--data-dir=" + dataDirectory,
                "--gateway-port=0",
                "--postgres-port=0",
                "--kafka-port=0",
                "--shapes-port=0"));
    Collections.addAll(command, settings);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.startsWith("PENSTOCK_") && !PASSED_ON.contains(name));
    builder.environment().putAll(environment);
    if (List.of(settings).contains("--processes=true")) {
      // The services' JVMs inherit it.
      builder.environment().put("JDK_JAVA_OPTIONS", SOON_UP);
    }
    try {
      return new PenstockProcess(builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The tests' logback-test.xml and classes are not the launcher's.
  private static String withoutTests(String classPath) {
    return String.join(
        java.io.File.pathSeparator,
        List.of(classPath.split(java.io.File.pathSeparator)).stream()
            .filter(entry -> !entry.endsWith("test-classes"))
            .toList());
  }

  private void read() {
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        output.add(line);
        System.out.println("penstock| " + line);
        Matcher matcher = READY.matcher(line);
        if (matcher.find()) {
          ready.complete(matcher.group(1));
        }
      }
    } catch (IOException e) {
      output.add("output ended: " + e.getMessage());
    }
    ready.completeExceptionally(
        new AssertionError("Penstock ended before it was ready: " + output));
  }

  /// The page's address, once it is ready.
  String url() {
    try {
      return ready.get(300, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("Penstock was not ready within 300 s: " + output, e);
    } catch (Exception e) {
      throw new AssertionError("Penstock did not start: " + output, e);
    }
  }

  /// What it has printed so far.
  String output() {
    return String.join("\n", output);
  }

  Duration sinceStart() {
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  long pid() {
    return process.pid();
  }

  /// Sends SIGTERM and waits; empty if it is still there after the bound.
  Optional<Integer> terminate(Duration bound) {
    process.destroy();
    return exit(bound);
  }

  Optional<Integer> exit(Duration bound) {
    try {
      return process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)
          ? Optional.of(process.exitValue())
          : Optional.empty();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Sends SIGKILL to the launcher alone: what it leaves behind is the next start's affair.
  void kill() {
    process.destroyForcibly();
    if (exit(Duration.ofSeconds(10)).isEmpty()) {
      throw new AssertionError("still there 10 s after SIGKILL");
    }
  }

  @Override
  public void close() {
    if (terminate(Duration.ofSeconds(15)).isEmpty()) {
      kill();
    }
  }
}
