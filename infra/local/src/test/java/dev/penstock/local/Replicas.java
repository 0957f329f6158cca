package dev.penstock.local;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
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
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A Penstock with two of each service, each a process of its own.
final class Replicas implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration START = Duration.ofMinutes(3);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE).build();
  private final Path directory = SharedPenstock.Directories.temporary("penstock-replicas");
  private final int postgres = PenstockProcess.freePort();
  private final PenstockProcess penstock;

  Replicas() {
    List<String> settings = new ArrayList<>(ManagementPorts.settings());
    settings.addAll(List.of("--replicas=2", "--processes=true", "--postgres-port=" + postgres));
    penstock =
        PenstockProcess.start(
            directory,
            Map.of("PENSTOCK_ANSWERS_OFFLINE_WORD_DELAY", "1ms"),
            settings.toArray(String[]::new));
  }

  String url() {
    return penstock.url();
  }

  Duration sinceStart() {
    return penstock.sinceStart();
  }

  /// All of them that run, by the names that `ps` shows.
  List<ProcessHandle> processes() {
    return ProcessHandle.of(penstock.pid())
        .orElseThrow()
        .children()
        .filter(process -> !name(process).isEmpty())
        .toList();
  }

  /// The one of this name that runs.
  ProcessHandle process(String name) {
    return processes().stream().filter(p -> name(p).equals(name)).findFirst().orElseThrow();
  }

  /// As `ps` shows it: the last argument. Java's own answer ends behind 4 KB, in the class path.
  static String name(ProcessHandle process) {
    try {
      String[] arguments =
          Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"))
              .split("\0", -1);
      int last = arguments.length - 2;
      return last > 0 && arguments[last - 1].equals(Penstock.SERVICE) ? arguments[last] : "";
    } catch (IOException e) {
      // It has ended.
      return "";
    }
  }

  static List<String> names(int number) {
    return Stream.of(Service.values()).map(service -> service.label() + "-" + number).toList();
  }

  /// The bridge that leads.
  String leader() {
    String bridge = Service.REPLICATION_BRIDGE.label();
    return await()
        .atMost(START)
        .until(
            () ->
                Stream.of(bridge + "-1", bridge + "-2")
                    .filter(name -> get(name, "prometheus").contains("penstock_bridge_leading 1"))
                    .findFirst()
                    .orElse(""),
            name -> !name.isEmpty());
  }

  /// Waits until the processes of these names say that they are ready.
  void awaitReady(List<String> names) {
    for (String name : names) {
      await(name).atMost(START).until(() -> get(name, "health/readiness").contains("UP"));
    }
  }

  private String get(String name, String path) {
    Service service = Service.of(name.substring(0, name.lastIndexOf('-')));
    try {
      int port =
          ManagementPorts.in(
              directory.resolve("logs").resolve(name + ".log"),
              Objects.requireNonNull(ManagementPorts.NAMES.get(service)));
      return http.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/actuator/" + path))
                  .timeout(PATIENCE)
                  .build(),
              BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Sends SIGTERM and waits for the end.
  ///
  /// @return seconds
  double terminate(ProcessHandle process) throws Exception {
    long begun = System.nanoTime();
    process.destroy();
    var _ = process.onExit().get(30, TimeUnit.SECONDS);
    return (System.nanoTime() - begun) / 1e9;
  }

  long unfinished() throws SQLException {
    return Long.parseLong(
        query("select count(*)::text from messages where status <> 'completed'").getFirst());
  }

  /// Id, status and text of all.
  Set<String> rows() throws SQLException {
    return new TreeSet<>(query("select id || ' ' || status || ' ' || content from messages"));
  }

  List<String> query(String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + postgres + "/penstock?user=postgres");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        rows.add(row.getString(1));
      }
    }
    return rows;
  }

  @Override
  public void close() {
    penstock.close();
    SharedPenstock.Directories.delete(directory);
  }
}
