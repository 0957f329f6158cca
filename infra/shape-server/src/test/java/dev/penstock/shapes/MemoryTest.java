package dev.penstock.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

/// What clients cost who wait or do not read. `-Dpenstock.waiting=`, `-Dpenstock.stalled=` and
/// `-Dpenstock.rows=` make it larger; each is a fraction by default of what has to hold: 2 000
/// waiting, 1 000 stalled, 1 000 000 rows in one transaction.
class MemoryTest {
  private static final int WAITING = Integer.getInteger("penstock.waiting", 1_000);
  private static final int STALLED = Integer.getInteger("penstock.stalled", 150);
  private static final int ROWS = Integer.getInteger("penstock.rows", 60_000);

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
  void waitingClientCostsLessThanTenKilobytesOfHeap() {
    stack.publish("(id int primary key)", "held");
    try (ConfigurableApplicationContext server = stack.server(Map.of("long-poll", "120s"));
        RawClients warm = new RawClients(TestShapes.client(server));
        RawClients clients = new RawClients(TestShapes.client(server))) {
      Client client = TestShapes.client(server);
      String handle = client.shape("table", "held", "offset", "-1").required("electric-handle");
      String live =
          Client.query("table", "held", "offset", "0_inf", "handle", handle, "live", "true");
      hold(server, warm, live, 200, 200);
      long before = RawClients.heap();

      hold(server, clients, live, WAITING, WAITING + 200);

      // The broker of the tests is in this JVM, too: what it holds for a moment is not a client's.
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> {
            double each = (RawClients.heap() - before) / (double) WAITING;
            System.out.printf("heap of a waiting client, both ends: %.1f KB%n", each / 1e3);
            assertThat(each).isLessThan(10_000);
          });
    }
  }

  private static void hold(
      ConfigurableApplicationContext server, RawClients clients, String path, int count, int all) {
    for (int i = 0; i < count; i++) {
      clients.send(path, 0);
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> gauge(server, "penstock.shapes.waiting") == all);
  }

  private static double gauge(ConfigurableApplicationContext server, String name) {
    return server.getBean(MeterRegistry.class).get(name).gauge().value();
  }

  @Test
  void stalledReadersAreBoundedAndCut() {
    stack.publish("(id int primary key, v text)", "stalls");
    Map<String, Object> settings = Map.of("write-timeout", "15s", "feed-bytes", 16 << 20);
    try (ConfigurableApplicationContext server = stack.server(settings)) {
      Client client = TestShapes.client(server);
      String handle = client.shape("table", "stalls", "offset", "-1").required("electric-handle");
      client.shape("table", "stalls", "offset", "0_inf", "handle", handle);
      // A response of about 10 MB.
      stack.sql("insert into stalls select i, repeat('x', 900) from generate_series(1, 9000) i");
      String path = Client.query("table", "stalls", "offset", "0_inf", "handle", handle);
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> client.get(path).body().length() > 9_000_000);
      MeterRegistry meters = server.getBean(MeterRegistry.class);
      assertThat(meters.counter("penstock.shapes.responses.cut").count()).isZero();
      long before = RawClients.heap();
      try (RawClients clients = new RawClients(client)) {
        for (int i = 0; i < STALLED; i++) {
          clients.send(path, 4_096);
        }
        Awaitility.await()
            .atMost(Duration.ofSeconds(20))
            .until(() -> meters.get("penstock.shapes.responses.open").gauge().value() == STALLED);
        long grown = RawClients.heap() - before;
        System.out.printf(
            "%d stalled readers of %d MB: %.1f MiB%n", STALLED, 9, grown / (double) (1 << 20));
        assertThat(grown).isLessThan(STALLED * (64L << 20) / 1_000);

        Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> meters.counter("penstock.shapes.responses.cut").count() == STALLED);
        Awaitility.await()
            .atMost(Duration.ofSeconds(10))
            .until(() -> meters.get("penstock.shapes.responses.open").gauge().value() == 0);
      }
    }
  }

  @Test
  void largeTransactionStreamsThroughAShape() throws Exception {
    stack.publish("(id int primary key, v text)", "streams");
    try (ConfigurableApplicationContext server = stack.server(Map.of("window-bytes", 1 << 20))) {
      Client client = TestShapes.client(server);
      ChangeCounter counter = new ChangeCounter(client, "streams");
      counter.start();
      long began = System.nanoTime();
      long txid =
          stack.transaction(
              "insert into streams select i, repeat('x', 60) from generate_series(1, %d) i"
                  .formatted(ROWS));

      counter.follow(ROWS, txid);

      System.out.printf(
          "%d rows of one transaction: %d responses, %d ms%n",
          ROWS, counter.responses(), (System.nanoTime() - began) / 1_000_000);
    }
  }
}
