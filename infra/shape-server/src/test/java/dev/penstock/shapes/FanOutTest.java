package dev.penstock.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

/// Many live clients: every change is delivered once and in order. Prints latencies, from the
/// sending of the commit to its reception, and asserts none.
///
/// `-Dpenstock.clients=1000 -Dpenstock.seconds=20` for the full form, `-Dpenstock.rate=` for writes
/// per second.
class FanOutTest {
  private static final int CLIENTS = Integer.getInteger("penstock.clients", 200);
  private static final int SECONDS = Integer.getInteger("penstock.seconds", 3);
  private static final int RATE = Integer.getInteger("penstock.rate", 0);

  private static TestShapes stack;

  @BeforeAll
  static void start() {
    stack = new TestShapes();
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  @Test
  void everyClientOfOneShapeGetsEveryChangeOnceAndInOrder() throws Exception {
    run("one", 1, RATE == 0 ? 10 : RATE);
  }

  @Test
  void everyClientOfAShapeOfItsOwnGetsEveryChangeOnceAndInOrder() throws Exception {
    run("own", CLIENTS, RATE == 0 ? 100 : RATE);
  }

  private static void run(String table, int shapes, int rate) throws Exception {
    stack.publish("(id int primary key, shape int not null, seq int not null)", table);
    int writes = rate * SECONDS;
    int perShape = CLIENTS / shapes;
    AtomicLongArray sent = new AtomicLongArray(writes + 1);
    Map<String, Object> settings = Map.of("long-poll", "20s");
    try (ConfigurableApplicationContext server = stack.server(settings);
        LoadClients clients = new LoadClients(writes * perShape, id -> sent.get((int) id));
        Connection connection = DriverManager.getConnection(stack.jdbcUrl);
        PreparedStatement insert =
            connection.prepareStatement("insert into " + table + " values (?, ?, ?)")) {
      Client client = TestShapes.client(server);
      for (int shape = 0; shape < shapes; shape++) {
        clients.add(client, perShape, "table", table, "where", "shape = " + shape);
      }
      long began = System.nanoTime();
      for (int id = 1; id <= writes; id++) {
        insert.setInt(1, id);
        insert.setInt(2, id % shapes);
        insert.setInt(3, (id - (id % shapes == 0 ? shapes : id % shapes)) / shapes + 1);
        while (System.nanoTime() - began < id * 1_000_000_000L / rate) {
          LockSupport.parkNanos(200_000);
        }
        sent.set(id, System.nanoTime());
        insert.execute();
      }
      long all = (long) writes * perShape;
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> clients.received() >= all || !clients.failures().isEmpty());

      System.out.printf(
          "%d clients on %d shapes, %d writes/s: p50 %.1f ms, p99 %.1f ms, %d requests%n",
          CLIENTS,
          shapes,
          rate,
          clients.percentile(0.5),
          clients.percentile(0.99),
          clients.requests());
      assertThat(clients.failures()).isEmpty();
      assertThat(clients.received()).isEqualTo(all);
    }
  }
}
