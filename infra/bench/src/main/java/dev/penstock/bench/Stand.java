package dev.penstock.bench;

import dev.penstock.contracts.Migrations;
import dev.penstock.stack.ChildKafkaBroker;
import dev.penstock.stack.KafkaBroker;
import dev.penstock.stack.PostgresServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// A Postgres and a Kafka broker, each a process of its own, that all ways share.
final class Stand implements AutoCloseable {
  private final Options options;
  private final Path directory;
  private final PostgresServer postgres;
  private final ChildKafkaBroker kafka;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final List<AutoCloseable> owned = new CopyOnWriteArrayList<>();
  private @Nullable Service nothing;
  private @Nullable Followed followed;
  private double mostAnswers = Double.NaN;
  private int rigs;

  /// @param directory for everything that is written; it may be deleted afterwards
  Stand(Options options, Path directory) throws IOException {
    this.options = options;
    this.directory = Files.createDirectories(directory);
    postgres =
        PostgresServer.start(
            directory.resolve("postgres"),
            0,
            // A reader that the machine starves is not one that is gone.
            Map.of("wal_sender_timeout", "60s"));
    try {
      kafka = KafkaBroker.startChild(directory.resolve("kafka"));
    } catch (RuntimeException e) {
      postgres.close();
      throw e;
    }
    // Postgres is a process that would outlive an interrupted run.
    Runtime.getRuntime().addShutdownHook(new Thread(this::close));
  }

  Options options() {
    return options;
  }

  Size size() {
    return options.size();
  }

  Path directory() {
    return directory;
  }

  String bootstrapServers() {
    return kafka.bootstrapServers();
  }

  /// A [NullServer], which is started when it is first asked for.
  Service nothing() throws Exception {
    if (nothing == null) {
      nothing = NullServer.start(this);
      own(nothing);
    }
    return nothing;
  }

  /// Started when it is first asked for, and for all who ask.
  Followed followed() throws Exception {
    if (followed == null) {
      followed = Followed.start(this);
      own(followed);
    }
    return followed;
  }

  /// So that it takes nothing from what is measured afterwards.
  void endFollowed() {
    if (followed != null) {
      owned.remove(followed);
      followed.close();
      followed = null;
    }
  }

  /// The most answers per second that live clients can take, measured once.
  double mostAnswers() throws Exception {
    if (Double.isNaN(mostAnswers)) {
      mostAnswers = Load.most(this);
    }
    return mostAnswers;
  }

  /// Ends with this one, if it is not closed before.
  void own(AutoCloseable other) {
    owned.add(other);
  }

  /// A migrated database with topics of its own.
  Rig rig() {
    String name = "bench" + ++rigs;
    postgres.createDatabase(name);
    String url = postgres.jdbcUrl(name);
    new Migrations(url, "postgres", "", name, name).migrate();
    return new Rig(this, name, url);
  }

  /// As it says itself.
  String postgresVersion() {
    try (Connection connection =
            DriverManager.getConnection(postgres.jdbcUrl("postgres"), "postgres", "");
        Statement statement = connection.createStatement();
        var row = statement.executeQuery("show server_version")) {
      row.next();
      return row.getString(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      for (AutoCloseable other : owned) {
        try {
          other.close();
        } catch (Exception e) {
          Progress.say("did not stop: " + e);
        }
      }
      kafka.close();
      postgres.close();
    }
  }
}
