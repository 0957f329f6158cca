package dev.penstock.local;

import java.io.BufferedReader;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A service as a process of its own, started again whenever it ends, on the same port.
///
/// The first start must succeed; later ones are tried for ever, soon after the first end and then
/// ever more seldom, at least each 10 s. Where others of its service go on, the first of them is
/// after 3 s: a JVM that starts would take the cores from who takes over.
final class ServiceProcess implements Instance {
  private static final Logger log = LoggerFactory.getLogger(ServiceProcess.class);
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration STOP = Duration.ofSeconds(8);
  private static final long PAUSE_ALONE_MILLIS = 500;
  private static final long PAUSE_OF_SEVERAL_MILLIS = 3_000;
  private static final long LONGEST_PAUSE_MILLIS = 10_000;
  private static final long STEADY_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final String name;
  private final Instances all;
  private final Map<String, Object> settings;
  private final String portSetting;
  private final CompletableFuture<Integer> ready = new CompletableFuture<>();
  private final CompletableFuture<Void> leads = new CompletableFuture<>();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private @Nullable Process process;

  ServiceProcess(Service service, int number, Map<String, Object> settings, Instances all) {
    this.name = service.label() + "-" + number;
    this.all = all;
    this.settings = new HashMap<>(settings);
    this.portSetting =
        settings.keySet().stream()
            .filter(key -> key.matches("penstock\\.\\w+\\.port"))
            .findFirst()
            .orElse("");
  }

  /// Returns when it is ready. Its log has its name.
  ///
  /// @throws SettingException if it ended or was not ready within 90 s
  ServiceProcess start() throws IOException, InterruptedException {
    Process first = launch();
    Thread.ofPlatform().daemon().name(name).start(() -> watch(first));
    try {
      int port = ready.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      log.atDebug().addKeyValue("port", port).log("ready");
      return this;
    } catch (ExecutionException | TimeoutException e) {
      close();
      throw new SettingException(
          "%s did not start (see %s.log in the data directory's logs).".formatted(name, name));
    }
  }

  private synchronized Process launch() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(
        List.of(
            "-Xmx384m",
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dpenstock.logs=" + all.logs(),
            "-Dpenstock.log.name=" + name,
            "-D" + Penstock.LOG_FORMAT + "=" + System.getProperty(Penstock.LOG_FORMAT, "text"),
            "-cp",
            System.getProperty("java.class.path"),
            Penstock.class.getName(),
            Penstock.SERVICE,
            name));
    Process launched =
        new ProcessBuilder(command)
            .redirectError(
                ProcessBuilder.Redirect.appendTo(all.logs().resolve(name + ".err").toFile()))
            .start();
    DataOutputStream out = new DataOutputStream(launched.getOutputStream());
    out.writeInt(settings.size());
    for (Map.Entry<String, Object> setting : settings.entrySet()) {
      out.writeUTF(setting.getKey());
      out.writeUTF(setting.getValue().toString());
    }
    out.flush();
    process = launched;
    return launched;
  }

  private void watch(Process launched) {
    Process running = launched;
    long first = all.replicas() > 1 ? PAUSE_OF_SEVERAL_MILLIS : PAUSE_ALONE_MILLIS;
    long pause = first;
    while (running != null) {
      long start = System.nanoTime();
      listen(running);
      int code = running.onExit().join().exitValue();
      if (ready.completeExceptionally(new IllegalStateException("ended with " + code))) {
        return;
      }
      if (System.nanoTime() - start > STEADY_NANOS) {
        pause = first;
      }
      running = again(code, pause);
      pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
    }
  }

  private @Nullable Process again(int code, long pause) {
    if (ends()) {
      return null;
    }
    all.says().accept("%s ended with %d and is started again.".formatted(name, code));
    try {
      if (stopping.await(pause, TimeUnit.MILLISECONDS)) {
        return null;
      }
      synchronized (this) {
        return ends() ? null : launch();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  /// Ctrl-C ends launcher and processes at once.
  private boolean ends() {
    return stopping.getCount() == 0 || all.stopping().getAsBoolean();
  }

  private void listen(Process running) {
    try (BufferedReader reader = running.inputReader(StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (line.startsWith(ServiceMain.READY)) {
          becomeReady(Integer.parseInt(line.substring(ServiceMain.READY.length())));
        } else if (line.equals(ServiceMain.LEADS)) {
          leads.complete(null);
        }
      }
    } catch (IOException e) {
      log.atDebug().setCause(e).log("output ended");
    }
  }

  private synchronized void becomeReady(int port) {
    if (!portSetting.isEmpty()) {
      // Whoever goes round has it in its list.
      settings.put(portSetting, port);
    }
    ready.complete(port);
  }

  @Override
  public int port() {
    return ready.join();
  }

  @Override
  public CompletableFuture<Void> leads() {
    return leads;
  }

  /// The end of its input and SIGTERM, and SIGKILL to what is still there 8 s later.
  @Override
  public void close() {
    Process last;
    synchronized (this) {
      stopping.countDown();
      last = process;
    }
    if (last == null) {
      return;
    }
    try {
      last.getOutputStream().close();
    } catch (IOException e) {
      log.atDebug().setCause(e).log("it reads nothing any more");
    }
    last.destroy();
    try {
      if (!last.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
        last.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      last.destroyForcibly();
    }
  }
}
