package dev.penstock.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.shapes.Client.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

/// A fast and a late instance of one log.
class LateInstanceTest {
  private static TestShapes stack;
  private static ConfigurableApplicationContext fast;
  private static Client quick;

  @BeforeAll
  static void start() {
    stack = new TestShapes();
    fast = stack.server(Map.of("long-poll", "10s"));
    quick = TestShapes.client(fast);
  }

  @AfterAll
  static void stop() {
    fast.close();
    stack.close();
  }

  @Test
  void clientOfAFasterInstanceWaitsForOneThatIsThreeSecondsLate() {
    stack.publish("(id int primary key, v text)", "waits");
    try (ConfigurableApplicationContext late = stack.server(DelayedConsumer.settings("waits"))) {
      DelayedConsumer.delay("waits", Duration.ofSeconds(3));
      Client slow = TestShapes.client(late);
      Reply first = quick.shape("table", "waits", "offset", "-1");
      String handle = first.required("electric-handle");
      stack.transaction("insert into waits values (1, 'a')", "insert into waits values (2, 'b')");
      Reply live =
          quick.shape("table", "waits", "offset", "0_inf", "handle", handle, "live", "true");
      String offset = live.required("electric-offset");

      Reply hopped = slow.shape("table", "waits", "offset", offset, "handle", handle);

      assertThat(hopped.status()).as(hopped.body()).isEqualTo(200);
      assertThat(hopped.messages()).hasSize(1);
      assertThat(slow.shape("table", "waits", "offset", "0_0", "handle", handle).body())
          .as("the same bytes")
          .isEqualTo(quick.shape("table", "waits", "offset", "0_0", "handle", handle).body());
    }
  }

  @Test
  void clientOfAFasterInstanceIsSentAwayFromOneThatIsThirtySecondsLate() {
    stack.publish("(id int primary key, v text)", "away");
    Map<String, Object> settings = new HashMap<>(DelayedConsumer.settings("away"));
    settings.put("patience", "1s");
    try (ConfigurableApplicationContext late = stack.server(settings)) {
      DelayedConsumer.delay("away", Duration.ofSeconds(30));
      Client slow = TestShapes.client(late);
      String handle = quick.shape("table", "away", "offset", "-1").required("electric-handle");
      assertThat(slow.shape("table", "away", "offset", "0_inf", "handle", handle).status())
          .isEqualTo(200);
      stack.sql("insert into away values (1, 'a')");
      Reply live =
          quick.shape("table", "away", "offset", "0_inf", "handle", handle, "live", "true");
      assertThat(live.status()).isEqualTo(200);

      Reply hopped =
          slow.shape("table", "away", "offset", live.required("electric-offset"), "handle", handle);

      assertThat(hopped.status()).isEqualTo(503);
      assertThat(hopped.header("retry-after")).isEqualTo("1");
      // A rotation that it has not read of: the handle of the 409 goes to it, and waits too.
      stack.sql("truncate away");
      Reply rotated =
          quick.shape(
              "table",
              "away",
              "offset",
              live.required("electric-offset"),
              "handle",
              handle,
              "live",
              "true");
      assertThat(rotated.status()).isEqualTo(409);
      String next = rotated.required("electric-handle");
      assertThat(slow.shape("table", "away", "offset", "now", "handle", next).status())
          .isEqualTo(503);
      Reply anew = slow.shape("table", "away", "offset", "-1", "handle", next);
      if (anew.status() == 200) {
        assertThat(anew.messages()).hasSize(1);
        assertThat(anew.required("electric-handle")).isNotEqualTo(handle);
        // What the late one has made, the fast one serves.
        Reply served =
            quick.shape(
                "table", "away", "offset", "0_0", "handle", anew.required("electric-handle"));
        assertThat(served.status()).as(served.body()).isEqualTo(200);
      }
      Awaitility.await()
          .atMost(Duration.ofSeconds(40))
          .until(() -> slow.get("/v1/health").status() == 202);
      assertThat(slow.shape("table", "away", "offset", "-1").status()).isEqualTo(503);

      DelayedConsumer.delay("away", Duration.ZERO);

      Awaitility.await()
          .atMost(Duration.ofSeconds(40))
          .until(() -> slow.get("/v1/health").status() == 200);
      Reply back = slow.shape("table", "away", "offset", "now", "handle", next);
      assertThat(back.status()).isEqualTo(200);
    }
  }

  @Test
  void handleThatWasRefusedIsNotHandedOutAgainByALateInstance() {
    stack.publish("(id int primary key, v text)", "again");
    stack.sql("insert into again values (1, 'a')");
    try (ConfigurableApplicationContext late = stack.server(DelayedConsumer.settings("again"))) {
      DelayedConsumer.delay("again", Duration.ofSeconds(2));
      Client slow = TestShapes.client(late);
      List<String> refused = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        String handle = slow.shape("table", "again", "offset", "-1").required("electric-handle");
        assertThat(refused).doesNotContain(handle);
        stack.sql("truncate again");
        stack.sql("insert into again values (1, 'b')");
        Reply rotated = waitForRotation(handle);
        refused.add(handle);

        Reply anew =
            slow.shape(
                "table",
                "again",
                "offset",
                "-1",
                "handle",
                rotated.required("electric-handle"),
                "expired_handle",
                handle);

        assertThat(anew.status()).isEqualTo(200);
        String fresh = anew.required("electric-handle");
        assertThat(refused).doesNotContain(fresh);
        assertThat(quick.shape("table", "again", "offset", "0_0", "handle", fresh).status())
            .as("and the new one is good")
            .isEqualTo(200);
      }
    }
  }

  private static Reply waitForRotation(String handle) {
    Reply[] last = new Reply[1];
    Awaitility.await()
        .pollInterval(Duration.ofMillis(5))
        .until(() -> {
          last[0] = quick.shape("table", "again", "offset", "0_0", "handle", handle);
          return last[0].status() == 409;
        });
    return last[0];
  }
}
