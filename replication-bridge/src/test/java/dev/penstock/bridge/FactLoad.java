package dev.penstock.bridge;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// Inserts, updates and deletes rows of `fact`, and emits a message with each transaction, until it
/// is stopped.
final class FactLoad implements AutoCloseable {
  private final ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicBoolean stop = new AtomicBoolean();
  private final List<Future<?>> running = new ArrayList<>();

  /// How many transactions were committed.
  final AtomicLong commits = new AtomicLong();

  FactLoad(TestBridge bridge, long seed, int count) {
    for (int i = 0; i < count; i++) {
      int writer = i;
      running.add(writers.submit(() -> write(bridge, seed + writer, writer)));
    }
  }

  private Void write(TestBridge bridge, long seed, int writer) throws Exception {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    long id = (writer + 1) * 10_000_000L;
    try (Connection connection = bridge.connect()) {
      connection.setAutoCommit(false);
      while (!stop.get()) {
        long known = (writer + 1) * 10_000_000L + 1 + random.nextLong(id % 10_000_000L + 1);
        Sql.run(connection, "insert into fact values (%d, 'p%d', 'new')".formatted(++id, writer));
        Sql.run(
            connection,
            "update fact set body = body || '%d' where id = %d"
                .formatted(random.nextInt(10), known));
        // A row that was there before the load.
        Sql.run(connection, "update fact set body = '%d' where id = %d".formatted(id, id % 997));
        if (random.nextInt(4) == 0) {
          Sql.run(connection, "delete from fact where id = " + (id - random.nextInt(20)));
        }
        Sql.run(
            connection, "select pg_logical_emit_message(true, 'test.order', '%d')".formatted(id));
        connection.commit();
        commits.incrementAndGet();
        TimeUnit.MILLISECONDS.sleep(5);
      }
    }
    return null;
  }

  /// Stops, and throws what a writer has thrown.
  @Override
  public void close() throws SQLException {
    stop.set(true);
    try {
      for (Future<?> writer : running) {
        writer.get();
      }
    } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
      throw new SQLException("a writer failed", e);
    } finally {
      writers.close();
    }
  }
}
