package dev.penstock.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/// Generated shapes and transactions, two instances that are restarted at random, clients that hop
/// between them: each materialised shape equals its query after every batch.
///
/// `-Dpenstock.seed=`, `-Dpenstock.shapes=` and `-Dpenstock.batches=` repeat a run or lengthen it.
class OracleTest {
  private static final long SEED = Long.getLong("penstock.seed", System.nanoTime());
  private static final int SHAPES = Integer.getInteger("penstock.shapes", 100);
  private static final int BATCHES = Integer.getInteger("penstock.batches", 50);
  private static final int TRANSACTIONS = 12;
  private static final int RESTART_EVERY = 9;

  @Test
  void everyShapeEqualsItsQueryAfterEveryBatch() throws Exception {
    System.out.println("seed " + SEED);
    Random random = new Random(SEED);
    try (TestShapes stack = new TestShapes();
        TwoInstances instances = new TwoInstances(stack, random);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (RandomTable table : RandomTable.ALL) {
        stack.publish(table.definition(), table.name());
      }
      RandomWriter writer = new RandomWriter(stack.jdbcUrl);
      List<ShapeReader> readers = new ArrayList<>();
      for (int batch = 0; batch < BATCHES; batch++) {
        // The later ones open while transactions are under way.
        while (readers.size() < SHAPES * (batch + 5) / BATCHES && readers.size() < SHAPES) {
          readers.add(reader(instances, new Random(random.nextLong()), writer));
        }
        AtomicBoolean written = new AtomicBoolean();
        List<Future<?>> running = new ArrayList<>();
        for (ShapeReader reader : readers) {
          running.add(
              threads.submit(() -> {
                do {
                  reader.follow();
                } while (!written.get());
              }));
        }
        List<Future<?>> writing = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
          Random own = new Random(random.nextLong());
          writing.add(threads.submit(() -> writer.write(own, TRANSACTIONS)));
        }
        if (batch % RESTART_EVERY == RESTART_EVERY - 1) {
          instances.restartOne();
        }
        if (random.nextInt(5) == 0) {
          stack.pump.reclaim();
        }
        join(writing);
        written.set(true);
        join(running);
        long lsn = stack.endOfLog();
        join(readers.stream().<Future<?>>map(r -> threads.submit(() -> r.reach(lsn))).toList());
        compare(stack, readers, batch);
        assertThat(stack.pump.failure()).isNull();
      }
      System.out.printf(
          "%d shapes, %d batches, %d restarts, %d refetches%n",
          readers.size(),
          BATCHES,
          instances.restarts(),
          readers.stream().mapToInt(ShapeReader::refetches).sum());
    }
  }

  private static ShapeReader reader(TwoInstances instances, Random random, RandomWriter writer) {
    RandomShape shape = RandomShape.next(random);
    int before = writer.truncated(shape.table());
    return new ShapeReader(
        instances::clients, random, shape, () -> writer.truncated(shape.table()) - before);
  }

  private static void compare(TestShapes stack, List<ShapeReader> readers, int batch)
      throws SQLException {
    try (Statement statement = stack.connection.createStatement()) {
      for (ShapeReader reader : readers) {
        assertThat(reader.rows())
            .as("seed %d, batch %d, %s", SEED, batch, reader.shape())
            .isEqualTo(reader.shape().expected(statement));
      }
    }
  }

  private static void join(List<Future<?>> all) throws InterruptedException {
    for (Future<?> one : all) {
      try {
        one.get();
      } catch (ExecutionException e) {
        throw new AssertionError("seed " + SEED, e.getCause());
      }
    }
  }
}
