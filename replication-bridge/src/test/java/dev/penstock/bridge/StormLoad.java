package dev.penstock.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.postgresql.PGConnection;

/// Writers that go on whatever is killed: transactions of 1 to 5 rows and all that can happen in
/// one.
final class StormLoad implements AutoCloseable {
  private static final int WRITERS = 4;

  /// Beyond what a record of the log holds, so that a transaction has several.
  private static final int LARGE_ROWS = 2_000;

  private final TestBridge bridge;
  private final long pauseNanos;
  private final AtomicLong ids = new AtomicLong();
  private final AtomicLong committed = new AtomicLong();
  private final AtomicBoolean stop = new AtomicBoolean();
  private final ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
  private final List<Future<?>> running = new ArrayList<>();

  /// @param perSecond transactions, about
  StormLoad(TestBridge bridge, long seed, int perSecond) {
    this.bridge = bridge;
    this.pauseNanos = TimeUnit.SECONDS.toNanos(WRITERS) / perSecond;
    for (int i = 0; i < WRITERS; i++) {
      RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed + i);
      running.add(threads.submit(() -> write(random)));
    }
  }

  /// How many transactions were committed, as far as the writers know.
  long committed() {
    return committed.get();
  }

  private void write(RandomGenerator random) {
    List<Long> own = new ArrayList<>();
    while (!stop.get()) {
      try (Connection connection = bridge.connect()) {
        connection.setAutoCommit(false);
        long next = System.nanoTime();
        while (!stop.get()) {
          transaction(connection, random, own);
          next = Math.max(next + pauseNanos, System.nanoTime() - 10 * pauseNanos);
          TimeUnit.NANOSECONDS.sleep(next - System.nanoTime());
        }
      } catch (SQLException | IOException e) {
        // Postgres is being killed: what was not committed is not in the oracle either.
        own.clear();
        java.util.concurrent.locks.LockSupport.parkNanos(100_000_000);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void transaction(Connection connection, RandomGenerator random, List<Long> own)
      throws SQLException, IOException, InterruptedException {
    int kind = random.nextInt(1_000);
    if (kind < 30) {
      // Of no concern to the log.
      Sql.run(connection, "insert into aside values (1)");
    } else if (kind < 32) {
      copy(connection, random, LARGE_ROWS);
    } else if (kind < 60) {
      copy(connection, random, 5);
    } else if (kind < 100) {
      Sql.run(connection, "insert into fact values " + rows(random, 5));
    } else if (kind < 140) {
      message(connection, random);
    } else if (kind < 200) {
      savepoints(connection, random);
    } else {
      int rows = 1 + random.nextInt(5);
      for (int i = 0; i < rows; i++) {
        change(connection, random, own);
        if (kind < 205) {
          // Open for long, while others commit and the bridge is killed.
          TimeUnit.MILLISECONDS.sleep(random.nextInt(800));
        }
      }
    }
    if (kind % 12 == 0) {
      connection.rollback();
      own.clear();
    } else {
      connection.commit();
      committed.incrementAndGet();
    }
  }

  private void change(Connection connection, RandomGenerator random, List<Long> own)
      throws SQLException {
    int what = own.isEmpty() ? 9 : random.nextInt(10);
    switch (what) {
      case 0 -> {
        long id = own.remove(random.nextInt(own.size()));
        Sql.run(connection, "delete from fact where id = " + id);
      }
      case 1, 2 -> {
        long id = own.get(random.nextInt(own.size()));
        Sql.run(connection, "update fact set body = '" + body(random) + "' where id = " + id);
      }
      default -> {
        long id = ids.incrementAndGet();
        Sql.run(
            connection,
            "insert into fact values (%d, '%s', '%s')".formatted(id, part(random), body(random)));
        if (own.size() < 100) {
          own.add(id);
        }
      }
    }
  }

  private void savepoints(Connection connection, RandomGenerator random) throws SQLException {
    Sql.run(connection, "insert into fact values " + rows(random, 1));
    Sql.run(connection, "savepoint one");
    Sql.run(connection, "insert into fact values " + rows(random, 2));
    Sql.run(connection, "savepoint two");
    Sql.run(connection, "insert into fact values " + rows(random, 1));
    Sql.run(connection, "rollback to " + (random.nextBoolean() ? "one" : "two"));
    Sql.run(connection, "insert into fact values " + rows(random, 1));
  }

  private void message(Connection connection, RandomGenerator random) throws SQLException {
    Sql.run(connection, "insert into fact values " + rows(random, 1));
    Sql.run(connection, "select pg_logical_emit_message(true, 'penstock.trace', 'a note')");
    String question =
        """
        {"questionId":"%s","answerId":"%s","conversationId":"%s","owner":"o","content":"c",\
        "askedAt":"2026-11-01T00:00:00Z"}\
        """
            .formatted(uuid(random), uuid(random), uuid(random));
    Sql.run(
        connection,
        "select pg_logical_emit_message(true, 'penstock.questions', '" + question + "')");
    Sql.run(connection, "insert into fact values " + rows(random, 1));
  }

  private static UUID uuid(RandomGenerator random) {
    return new UUID(
        (random.nextLong() & ~0xF000L) | 0x4000L, (random.nextLong() >>> 2) | 0x8000000000000000L);
  }

  private void copy(Connection connection, RandomGenerator random, int rows)
      throws SQLException, IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < rows; i++) {
      lines
          .append(ids.incrementAndGet())
          .append('\t')
          .append(part(random))
          .append('\t')
          .append(rows > 5 ? "y".repeat(200) : body(random))
          .append('\n');
    }
    connection
        .unwrap(PGConnection.class)
        .getCopyAPI()
        .copyIn("copy fact from stdin", new ByteArrayInputStream(lines.toString().getBytes(UTF_8)));
  }

  private String rows(RandomGenerator random, int count) {
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add("(%d, '%s', '%s')".formatted(ids.incrementAndGet(), part(random), body(random)));
    }
    return String.join(", ", rows);
  }

  private static String part(RandomGenerator random) {
    return "p" + random.nextInt(40);
  }

  private static String body(RandomGenerator random) {
    return "x".repeat(1 + random.nextInt(60));
  }

  /// Ends the writers; what they failed with is the test's failure.
  void finish() throws Exception {
    stop.set(true);
    for (Future<?> writer : running) {
      writer.get(30, TimeUnit.SECONDS);
    }
  }

  @Override
  public void close() {
    stop.set(true);
    threads.shutdownNow();
  }
}
