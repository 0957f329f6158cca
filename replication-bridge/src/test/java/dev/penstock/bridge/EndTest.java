package dev.penstock.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.stack.TestStack;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a bridge does that cannot work.
class EndTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Test
  void aMissingPublicationEndsTheProcessWithASentence(@TempDir Path directory) throws Exception {
    try (TestBridge bridge = TestBridge.onSharedStack();
        Connection connection = bridge.connect()) {
      Sql.run(connection, "drop publication " + bridge.name);
      try (ChildBridge child = ChildBridge.start(bridge, "a", directory)) {
        assertThat(child.jvm().awaitExit(LIMIT)).hasValue(1);
        assertThat(directory.resolve("bridge-a.log"))
            .content()
            .contains("the publication \"" + bridge.name + "\" does not exist");
      }
    }
  }

  @Test
  void aRoleThatPostgresRefusesIsGivenUpAfterFiveAttempts() throws Exception {
    try (TestBridge bridge = TestBridge.onSharedStack()) {
      Map<String, Object> properties = bridge.properties();
      properties.put(
          "penstock.bridge.database-url", bridge.url.replace("user=postgres", "user=nobody"));
      try (var context = BridgeApplication.start(properties)) {
        BridgeStatus status = context.getBean(BridgeStatus.class);
        await().atMost(LIMIT).until(() -> status.state() instanceof BridgeStatus.Failing);
        assertThat(status.ready()).isFalse();

        BridgeStatus.State end = Objects.requireNonNull(status.awaitEnd());
        assertThat(end)
            .isInstanceOfSatisfying(
                BridgeStatus.Broken.class,
                broken -> assertThat(broken.reason()).contains("Postgres refuses", "nobody"));
      }
    }
  }

  @Test
  void aPostgresThatStaysAwayIsGivenUpInTheEnd() throws Exception {
    try (TestBridge bridge = TestBridge.onSharedStack()) {
      Map<String, Object> properties = bridge.properties();
      // Nothing listens there.
      properties.put(
          "penstock.bridge.database-url",
          bridge.url.replace(":" + TestStack.postgres().port() + "/", ":1/"));
      properties.put("penstock.bridge.give-up-after", "1s");
      try (var context = BridgeApplication.start(properties)) {
        assertThat(context.getBean(BridgeStatus.class).awaitEnd())
            .isInstanceOfSatisfying(
                BridgeStatus.Broken.class,
                broken -> assertThat(broken.reason()).contains("nothing has come of"));
      }
    }
  }
}
