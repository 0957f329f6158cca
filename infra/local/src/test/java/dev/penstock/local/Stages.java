package dev.penstock.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/// A Penstock whose services are processes with management ports, so that each part of the way can
/// be stopped and each service be asked for its health.
final class Stages implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE).build();
  private final Path directory;
  private final PenstockProcess penstock;

  Stages(Path directory, TestModel model) {
    this.directory = directory;
    List<String> settings = new ArrayList<>(ManagementPorts.settings());
    settings.add("--processes=true");
    penstock =
        PenstockProcess.start(
            directory,
            Map.of("PENSTOCK_LLM_BASE_URL", model.url(), "PENSTOCK_LLM_MODEL", "scripted"),
            settings.toArray(String[]::new));
  }

  String url() {
    return penstock.url();
  }

  /// Whether it says within 2 s that it is ready.
  boolean isReady(Service service) {
    try {
      return get(service, "/actuator/health/readiness").statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  List<Service> ready() {
    return Stream.of(Service.values()).filter(this::isReady).toList();
  }

  String health(Service service) {
    try {
      return get(service, "/actuator/health").body();
    } catch (IOException e) {
      return e.toString();
    }
  }

  private HttpResponse<String> get(Service service, String path) throws IOException {
    Path log = directory.resolve("logs").resolve(service.label() + "-1.log");
    int port = ManagementPorts.in(log, Objects.requireNonNull(ManagementPorts.NAMES.get(service)));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(PATIENCE)
            .build();
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The launcher, which has the broker in it.
  List<Long> broker() {
    return List.of(penstock.pid());
  }

  List<Long> process(Service service) {
    return ProcessHandle.of(penstock.pid())
        .orElseThrow()
        .children()
        .filter(child -> arguments(child.pid()).endsWith(" " + service.label() + "-1"))
        .map(ProcessHandle::pid)
        .toList();
  }

  /// By `ps`: Java leaves out arguments beyond a few thousand characters, which a class path has.
  private static String arguments(long pid) {
    try {
      Process ps = new ProcessBuilder("ps", "-ww", "-o", "args=", "-p", Long.toString(pid)).start();
      return new String(ps.getInputStream().readAllBytes(), UTF_8).strip();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  List<Long> walsender() {
    return walsender(directory);
  }

  /// Waits for one: where the lead has just been lost, it takes a moment.
  ///
  /// @param directory of a Penstock's data
  static List<Long> walsender(Path directory) {
    return await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> walsenders(directory), found -> !found.isEmpty());
  }

  private static List<Long> walsenders(Path directory) throws SQLException, IOException {
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:"
                    + postgresPort(directory)
                    + "/penstock?user=postgres");
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select active_pid from pg_replication_slots where active_pid is not null")) {
      return row.next() ? List.of(row.getLong(1)) : List.of();
    }
  }

  private static String postgresPort(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory.resolve("postgres"), 2)) {
      Path pid = files.filter(file -> file.endsWith("postmaster.pid")).findFirst().orElseThrow();
      return Files.readAllLines(pid).get(3).strip();
    }
  }

  /// The postmaster and all of its processes.
  List<Long> postgres() {
    ProcessHandle postmaster =
        ProcessHandle.of(walsender().getFirst()).orElseThrow().parent().orElseThrow();
    return Stream.concat(Stream.of(postmaster), postmaster.descendants())
        .map(ProcessHandle::pid)
        .toList();
  }

  /// @param signal `STOP` or `CONT`
  static void signal(String signal, List<Long> processes) {
    List<String> command = new ArrayList<>(List.of("kill", "-" + signal));
    processes.forEach(pid -> command.add(Long.toString(pid)));
    try {
      var _ = new ProcessBuilder(command).inheritIO().start().waitFor();
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    penstock.close();
    http.shutdownNow();
  }
}
