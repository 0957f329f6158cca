package dev.penstock.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.shapes.Client.Reply;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

/// Clients that are behind what an instance holds in memory.
class BehindTest {
  private static final int CLIENTS = 60;

  private static TestShapes stack;

  @BeforeAll
  static void start() {
    stack = new TestShapes();
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  /// A shape with changes on both sides of renewed claims.
  private static String opened(Client client, String table) {
    stack.publish("(id int primary key, v text)", table);
    String handle = client.shape("table", table, "offset", "-1").required("electric-handle");
    for (int i = 1; i <= 5; i++) {
      stack.sql("insert into %s values (%d, 'a')".formatted(table, i));
      stack.pump.reclaim();
    }
    return handle;
  }

  private static List<String> ids(List<JsonNode> messages) {
    List<String> ids = new ArrayList<>();
    messages.stream()
        .filter(message -> message.has("key"))
        .forEach(message -> ids.add(message.path("value").path("id").asString()));
    return ids;
  }

  @Test
  void instanceThatBeganLaterServesWhatItHasNotReadYet() {
    String handle;
    try (ConfigurableApplicationContext before = stack.server(Map.of())) {
      handle = opened(TestShapes.client(before), "older");
    }
    try (ConfigurableApplicationContext after = stack.server(Map.of("replay-bytes", 0))) {
      Client client = TestShapes.client(after);

      List<String> ids = new ArrayList<>();
      String offset = "0_0";
      for (int i = 0; i < 10 && ids.size() < 5; i++) {
        Reply reply = client.shape("table", "older", "offset", offset, "handle", handle);
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        ids.addAll(ids(reply.messages()));
        offset = reply.required("electric-offset");
      }

      assertThat(ids).containsExactly("1", "2", "3", "4", "5");
    }
  }

  @Test
  void whatIsFartherBackThanTheLimitIsRefused() {
    String handle;
    try (ConfigurableApplicationContext before = stack.server(Map.of())) {
      handle = opened(TestShapes.client(before), "farther");
    }
    Map<String, Object> settings = Map.of("replay-bytes", 0, "catch-up-bytes", 0);
    try (ConfigurableApplicationContext after = stack.server(settings)) {
      Client client = TestShapes.client(after);

      assertThat(client.shape("table", "farther", "offset", "0_0", "handle", handle).status())
          .isEqualTo(409);
    }
  }

  @Test
  void requestsForOneStretchOfTheLogShareItsReading() {
    Map<String, Object> settings = Map.of("window-bytes", 1, "feed-bytes", 1);
    try (ConfigurableApplicationContext server = stack.server(settings)) {
      Client client = TestShapes.client(server);
      stack.publish("(id int primary key, v text)", "shared");
      List<String> handles = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        handles.add(
            client
                .shape("table", "shared", "where", "id > -" + i, "offset", "-1")
                .required("electric-handle"));
      }
      for (int i = 1; i <= 200; i++) {
        stack.sql("insert into shared values (%d, 'a')".formatted(i));
      }
      Follower last = new Follower(client, "table", "shared");
      last.catchUp();
      last.awaitTxid(stack.transaction("insert into shared values (201, 'b')"));
      double before = readers(server);
      List<CompletableFuture<Reply>> replies = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        replies.add(
            client.later(
                "table",
                "shared",
                "where",
                "id > -" + i,
                "offset",
                "0_0",
                "handle",
                handles.get(i)));
      }

      for (CompletableFuture<Reply> reply : replies) {
        assertThat(reply.join().status()).isEqualTo(200);
        assertThat(ids(reply.join().messages())).startsWith("1", "2", "3").hasSizeGreaterThan(199);
      }
      System.out.printf("%d clients behind: %.0f readers%n", CLIENTS, readers(server) - before);
      assertThat(readers(server) - before).isLessThan(CLIENTS / 3.0);
    }
  }

  private static double readers(ConfigurableApplicationContext server) {
    return server.getBean(MeterRegistry.class).get("penstock.shapes.catchups").gauge().value();
  }
}
