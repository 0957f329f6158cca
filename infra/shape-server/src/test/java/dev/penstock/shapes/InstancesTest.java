package dev.penstock.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.shapes.Client.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

class InstancesTest {
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
  void restartKeepsHandlesValidAndRepeatsNothing() {
    stack.publish("(id int primary key, v text)", "kept");
    stack.sql("insert into kept values (1, 'a')");
    ConfigurableApplicationContext before = stack.server(Map.of());
    Client first = TestShapes.client(before);
    Reply snapshot = first.shape("table", "kept", "offset", "-1");
    String handle = snapshot.required("electric-handle");
    stack.sql("insert into kept values (2, 'b')");
    Reply live = first.shape("table", "kept", "offset", "0_inf", "handle", handle, "live", "true");
    String offset = live.required("electric-offset");
    before.close();
    stack.transaction("insert into kept values (3, 'c')", "insert into kept values (4, 'd')");

    // From the log's beginning, from its latest claim, and with a window that holds nothing.
    for (Map<String, Object> settings :
        List.<Map<String, Object>>of(
            Map.of(), Map.of("replay-bytes", 0), Map.of("window-bytes", 1, "feed-bytes", 1))) {
      try (ConfigurableApplicationContext after = stack.server(settings)) {
        Client second = TestShapes.client(after);
        Reply reply = second.shape("table", "kept", "offset", offset, "handle", handle);
        assertThat(reply.status()).as("%s %s", settings, reply.body()).isEqualTo(200);
        List<String> ids = new ArrayList<>();
        for (String at = offset; ids.size() < 2; at = reply.required("electric-offset")) {
          reply = second.shape("table", "kept", "offset", at, "handle", handle);
          assertThat(reply.status()).isEqualTo(200);
          reply.messages().stream()
              .filter(message -> message.has("key"))
              .forEach(message -> ids.add(message.path("value").path("id").asString()));
        }
        assertThat(ids).containsExactly("3", "4");
      }
    }
  }

  @Test
  void largeTransactionsAreCutIntoChunksWithoutLossOrRepetition() {
    stack.publish("(id int primary key, v text)", "large");
    for (Map<String, Object> memory :
        List.<Map<String, Object>>of(Map.of(), Map.of("window-bytes", 1, "feed-bytes", 1))) {
      Map<String, Object> settings = new java.util.HashMap<>(memory);
      settings.put("chunk-bytes", memory.isEmpty() ? 10_000 : 60_000);
      stack.sql("delete from large");
      try (ConfigurableApplicationContext server = stack.server(settings)) {
        Follower follower = new Follower(TestShapes.client(server), "table", "large");
        assertThat(follower.catchUp()).isEmpty();
        stack.sql("insert into large select i, repeat('x', 100) from generate_series(1, 1000) i");
        stack.sql("update large set id = -id where id <= 100");

        follower.await(1_200);

        assertThat(follower.rows()).hasSize(1_000);
        assertThat(follower.refetches()).isZero();
      }
    }
  }

  @Test
  void newGenerationEndsEveryHandle() {
    stack.publish("(id int primary key)", "reborn");
    stack.sql("insert into reborn values (1)");
    try (ConfigurableApplicationContext server = stack.server(Map.of("long-poll", "10s"))) {
      Client client = TestShapes.client(server);
      String handle = client.shape("table", "reborn", "offset", "-1").required("electric-handle");
      var live =
          client.later("table", "reborn", "offset", "0_inf", "handle", handle, "live", "true");

      stack.pump.reopen();

      assertThat(live).succeedsWithin(java.time.Duration.ofSeconds(5));
      assertThat(live.join().status()).isEqualTo(409);
      assertThat(client.shape("table", "reborn", "offset", "0_inf", "handle", handle).status())
          .isEqualTo(409);
      Follower follower = new Follower(client, "table", "reborn");
      assertThat(follower.catchUp()).hasSize(1);
      follower.awaitTxid(stack.transaction("insert into reborn values (2)"));
      assertThat(follower.rows()).hasSize(2);
    }
  }

  @Test
  void liveClientSeesACommitSoon() {
    stack.publish("(id int primary key)", "quick");
    try (ConfigurableApplicationContext server = stack.server(Map.of())) {
      Follower follower = new Follower(TestShapes.client(server), "table", "quick");
      follower.catchUp();
      long[] micros = new long[300];
      for (int i = 0; i < micros.length; i++) {
        int id = i;
        long[] committed = new long[1];
        Thread writer =
            Thread.ofVirtual()
                .start(() -> {
                  java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
                  stack.transaction("insert into quick values (" + id + ")");
                  committed[0] = System.nanoTime();
                });
        follower.await(1);
        long seen = System.nanoTime();
        org.awaitility.Awaitility.await().until(() -> !writer.isAlive());
        micros[i] = Math.max(0, seen - committed[0]) / 1_000;
      }
      long[] last = java.util.Arrays.copyOfRange(micros, 100, micros.length);
      java.util.Arrays.sort(last);
      System.out.printf(
          "commit -> live client: p50 %d us, p99 %d us%n",
          last[last.length / 2], last[last.length * 99 / 100]);
      assertThat(last[last.length / 2]).isLessThan(250_000);
    }
  }

  @Test
  void positionAheadOfTheLogIsRefusedAndNeverAnswered() {
    stack.publish("(id int primary key)", "ahead");
    try (ConfigurableApplicationContext server = stack.server(Map.of("patience", "1500ms"))) {
      Client client = TestShapes.client(server);
      String handle = client.shape("table", "ahead", "offset", "-1").required("electric-handle");
      Reply reply =
          client.shape("table", "ahead", "offset", "9000000000000000000_0", "handle", handle);
      assertThat(reply.status()).isEqualTo(400);
      assertThat(reply.body())
          .isEqualTo(
              "{\"message\":\"Invalid request\",\"errors\":{\"offset\":[\"out of bounds for this shape\"]}}");
    }
  }
}
