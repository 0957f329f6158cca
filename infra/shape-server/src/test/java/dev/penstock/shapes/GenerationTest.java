package dev.penstock.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.contracts.Topics;
import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.LogOrigin;
import dev.penstock.contracts.log.LogWriter;
import dev.penstock.contracts.log.Relation;
import dev.penstock.contracts.log.ResumePoint;
import dev.penstock.contracts.log.Tuple;
import dev.penstock.stack.TestStack;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

/// A generation of the log that opens with a snapshot.
class GenerationTest {
  @Test
  void instanceServesNothingOfAGenerationBeforeItsSnapshotIsWhole() {
    try (TestShapes stack = new TestShapes();
        ConfigurableApplicationContext server = stack.server(Map.of("patience", "1500ms"));
        LogWriter writer =
            new LogWriter(
                Map.of("bootstrap.servers", TestStack.bootstrapServers()),
                new Topics(stack.prefix).log())) {
      stack.publish("(id int primary key, v text)", "kept");
      Client client = TestShapes.client(server);
      String handle = client.shape("table", "kept", "offset", "-1").required("electric-handle");
      CompletableFuture<Client.Reply> live =
          client.later("table", "kept", "offset", "0_inf", "handle", handle, "live", "true");
      stack.pump.close();
      long start = Long.parseLong(stack.text("select (pg_current_wal_insert_lsn() - '0/0')::text"));
      writer.claim("a later leader");
      writer.open(new LogOrigin("a test", "1", 1, "test", "slot", "topic", start, start, 0));
      Relation relation =
          writer.append(
              new Relation(
                  -1,
                  1,
                  "public",
                  "kept",
                  "f",
                  List.of(new Relation.Column("id", 23, -1, "int4", "b", 0, true, 0))));
      assertThat(live).succeedsWithin(Duration.ofSeconds(30));
      assertThat(live.join().status()).isEqualTo(409);

      // Large enough to be sent in pieces before it ends, and for a reader not to hold it.
      String value = "x".repeat(1 << 16);
      for (int i = 0; i < 400; i++) {
        writer.add(new LogEntry.SnapshotRow(relation, Tuple.of(value)));
      }
      writer.flush();

      Awaitility.await()
          .during(Duration.ofSeconds(2))
          .atMost(Duration.ofSeconds(30))
          .until(() -> client.get("/v1/health").status() == 202);
      assertThat(client.shape("table", "kept", "offset", "-1").status()).isEqualTo(503);

      writer.commit(new ResumePoint(start + 8, 0, 0), true);

      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> client.get("/v1/health").status() == 200);
      Client.Reply anew = client.shape("table", "kept", "offset", "-1");
      assertThat(anew.status()).isEqualTo(200);
      assertThat(client.shape("table", "kept", "offset", "0_inf", "handle", handle).status())
          .isEqualTo(409);
      assertThat(
              client
                  .shape(
                      "table", "kept", "offset", "0_0", "handle", anew.required("electric-handle"))
                  .status())
          .isEqualTo(200);
      assertThat(
              server
                  .getBean(MeterRegistry.class)
                  .get("penstock.shapes.log.window.bytes")
                  .gauge()
                  .value())
          .isZero();
    }
  }
}
