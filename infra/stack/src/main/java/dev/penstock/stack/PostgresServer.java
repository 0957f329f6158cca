package dev.penstock.stack;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A Postgres 18 on 127.0.0.1, ready for logical decoding, superuser `postgres` without a password,
/// on a data directory that outlives it.
///
/// What was committed survives [#stop], [#kill] and the SIGKILL of this JVM. The latter leaves the
/// postmaster running: the next start on the directory recognises it as its own, stops it and
/// starts anew (its settings and port may be old). Another Postgres on the port is never used.
/// Fatal output goes to `postgres.log` in the directory.
public final class PostgresServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresServer.class);
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration SHARED_MEMORY_LIMIT = Duration.ofSeconds(10);
  private static final Duration FAST_STOP_LIMIT = Duration.ofSeconds(8);
  private static final Duration HARD_STOP_LIMIT = Duration.ofSeconds(3);
  private static final long LOG_LIMIT_BYTES = 10L << 20;

  private final Path directory;
  private final Path data;
  private final int port;
  private final Map<String, String> settings;
  private final PostgresBinaries binaries;
  private final DirectoryLock lock;

  private PostgresServer(Path directory, int port, Map<String, String> settings, DirectoryLock lock)
      throws IOException {
    this.directory = directory.toRealPath();
    this.data = this.directory.resolve("data");
    this.port = Ports.orFree(port);
    this.settings = PostgresSettings.with(this.port, settings);
    this.binaries = PostgresBinaries.unpacked();
    this.lock = lock;
  }

  /// Starts on the directory, which is created and initialised where needed.
  ///
  /// @param port 0 chooses a free one, which this object keeps over [#stop] and [#start]
  /// @param settings win over this library's own; names and values as in `postgresql.conf`,
  ///   unquoted
  /// @throws StackException port busy, directory in use or not writable, or Postgres itself refused
  public static PostgresServer start(Path directory, int port, Map<String, String> settings) {
    DirectoryLock lock = DirectoryLock.take(directory);
    try {
      PostgresServer server = new PostgresServer(directory, port, settings, lock);
      // Not adopted: its port and settings may be another start's.
      server.stopOrphan();
      server.start();
      return server;
    } catch (IOException e) {
      lock.close();
      throw StackException.unwritable(directory, e);
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  public static PostgresServer start(Path directory, int port) {
    return start(directory, port, Map.of());
  }

  /// Starts again after [#stop] or [#kill], on the same directory and port; without effect while it
  /// runs.
  public synchronized void start() {
    if (isRunning()) {
      return;
    }
    stopOrphan();
    Ports.requireFree(port, "Postgres", directory);
    try {
      initialise();
      launch();
    } catch (IOException e) {
      throw StackException.unwritable(directory, e);
    }
    if (PostgresSql.dataDirectory(port).filter(data::equals).isEmpty()) {
      stop();
      throw StackException.busyPort(port, "Postgres", directory);
    }
  }

  public boolean isRunning() {
    return PostmasterPid.read(data).filter(file -> file.servesDirectory(data)).isPresent();
  }

  public int port() {
    return port;
  }

  public Path directory() {
    return directory;
  }

  /// With the user in it; nothing else is needed to connect.
  public String jdbcUrl(String database) {
    return PostgresSql.url(port, database);
  }

  /// The same database, for a role that is named beside the URL: a user in it would win.
  public static String withoutUser(String jdbcUrl) {
    return jdbcUrl.replace("?user=" + PostgresSql.SUPERUSER, "");
  }

  /// Without effect where the database exists.
  public void createDatabase(String name) {
    PostgresSql.createDatabase(jdbcUrl("postgres"), name);
  }

  /// Ends sessions, writes a checkpoint and stops, within 8 s; after that without the checkpoint,
  /// and within 14 s in any case.
  public synchronized void stop() {
    PostmasterPid.read(data).filter(file -> file.servesDirectory(data)).ifPresent(this::stop);
  }

  /// SIGKILL of the postmaster, as a power failure would; returns when its children are gone too.
  public synchronized void kill() {
    PostmasterPid.read(data).filter(file -> file.servesDirectory(data)).ifPresent(this::kill);
  }

  /// [#stop], and the directory is free for another owner.
  @Override
  public synchronized void close() {
    try {
      stop();
    } finally {
      lock.close();
    }
  }

  private void stop(PostmasterPid postmaster) {
    Processes.signal("INT", postmaster.pid());
    if (Processes.awaitDeath(postmaster.pid(), FAST_STOP_LIMIT)) {
      return;
    }
    LOG.atWarn()
        .addKeyValue("directory", directory)
        .log("Postgres did not stop in time and is stopped at once");
    Processes.signal("QUIT", postmaster.pid());
    if (!Processes.awaitDeath(postmaster.pid(), HARD_STOP_LIMIT)) {
      kill(postmaster);
    }
  }

  private void kill(PostmasterPid postmaster) {
    List<Long> family = new ArrayList<>(List.of(postmaster.pid()));
    ProcessHandle.of(postmaster.pid())
        .ifPresent(process -> process.descendants().forEach(child -> family.add(child.pid())));
    Processes.signal("KILL", postmaster.pid());
    family.forEach(pid -> Processes.awaitDeath(pid, HARD_STOP_LIMIT));
  }

  private void stopOrphan() {
    PostmasterPid.read(data)
        .ifPresent(file -> {
          if (file.servesDirectory(data)) {
            LOG.atInfo()
                .addKeyValue("directory", directory)
                .addKeyValue("pid", file.pid())
                .log("Stopping the Postgres that a killed process left behind");
            stop(file);
          }
          if (ProcessHandle.of(file.pid()).isPresent()) {
            forgetReusedPid();
          }
        });
  }

  /// Postgres would refuse to start because a process of that pid exists, although it is another's
  /// or a zombie. With the file goes Postgres' own protection against the children of a dead
  /// postmaster, so they must have ended.
  private void forgetReusedPid() {
    if (!Processes.await(() -> !Processes.anyWorksIn(data), HARD_STOP_LIMIT)) {
      return;
    }
    try {
      Files.deleteIfExists(PostmasterPid.file(data));
    } catch (IOException e) {
      throw StackException.unwritable(directory, e);
    }
  }

  private void initialise() throws IOException {
    if (!Files.exists(directory.resolve("initialised"))) {
      // A first start that was killed half-way leaves a directory that is not a database.
      Directories.delete(data);
      List<String> arguments =
          List.of(
              "-A",
              "trust",
              "-U",
              "postgres",
              "-E",
              "UTF-8",
              "--locale=C",
              "--locale-provider=builtin",
              "--builtin-locale=C.UTF-8",
              "-D",
              data.toString());
      if (run(binaries.command("initdb", arguments)) != 0) {
        throw new StackException(
            "Postgres could not initialise " + data + ": " + Directories.tail(log()));
      }
      Files.writeString(
          data.resolve("postgresql.conf"),
          "\ninclude = '../penstock.conf'\n",
          StandardOpenOption.APPEND);
      Files.createFile(directory.resolve("initialised"));
    }
    StringBuilder lines = new StringBuilder();
    new TreeMap<>(settings)
        .forEach((name, value) ->
            lines.append(name).append(" = '").append(value.replace("'", "''")).append("'\n"));
    Files.writeString(directory.resolve("penstock.conf"), lines);
  }

  private void launch() throws IOException {
    // pg_ctl puts the server in a session of its own: a Ctrl-C meant for the launcher must not stop
    // Postgres before the services.
    List<String> command =
        binaries.command(
            "pg_ctl",
            List.of(
                "start",
                "-w",
                "-t",
                Long.toString(START_LIMIT.toSeconds()),
                "-D",
                data.toString(),
                "-l",
                log().toString()));
    long end = System.nanoTime() + SHARED_MEMORY_LIMIT.toNanos();
    while (run(command) != 0) {
      String reason = Directories.tail(log());
      // The children of a killed postmaster take a moment to notice its death.
      if (!reason.contains("shared memory block") || System.nanoTime() - end > 0) {
        throw new StackException(
            "Postgres did not start on " + directory + " and port " + port + ": " + reason);
      }
    }
  }

  private int run(List<String> command) throws IOException {
    Path log = log();
    if (Files.exists(log) && Files.size(log) > LOG_LIMIT_BYTES) {
      Files.writeString(log, "", StandardCharsets.UTF_8);
    }
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    try {
      if (process.waitFor(START_LIMIT.toSeconds() + 5, TimeUnit.SECONDS)) {
        return process.exitValue();
      }
      process.destroyForcibly();
      return -1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
      return -1;
    }
  }

  private Path log() {
    return directory.resolve("postgres.log");
  }
}
