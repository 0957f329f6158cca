package dev.penstock.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.bridge.router.Router;
import dev.penstock.bridge.router.RouterStatus;
import dev.penstock.bridge.router.Routing;
import dev.penstock.contracts.Headers;
import dev.penstock.contracts.Topics;
import dev.penstock.contracts.log.LogEntry.Insert;
import dev.penstock.contracts.log.LogOrigin;
import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.LogTopic;
import dev.penstock.contracts.log.LogWriter;
import dev.penstock.contracts.log.ReaderState;
import dev.penstock.contracts.log.Relation;
import dev.penstock.contracts.log.Relation.Column;
import dev.penstock.contracts.log.ResumePoint;
import dev.penstock.contracts.log.Tuple;
import dev.penstock.stack.TestStack;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/// The router's position has the epoch: what a dead leader appends while no router runs is never
/// routed, and what the living one appends is.
class RouterZombieTest {
  private static final LogOrigin ORIGIN =
      new LogOrigin("a test", "1", 1, "db", "slot", "topic", 10);

  private final Topics topics = new Topics(TestStack.newTopicPrefix().replaceFirst("\\.$", ""));
  private final Map<String, Object> kafka =
      Map.of("bootstrap.servers", TestStack.bootstrapServers());

  @Test
  void aRouterThatComesBackKnowsWhoLeads() {
    try (Admin admin = Admin.create(kafka)) {
      LogTopic.create(admin, topics.log(), (short) 1);
    }
    try (LogWriter zombie = new LogWriter(kafka, topics.log());
        LogWriter leader = new LogWriter(kafka, topics.log())) {
      // Given: two transactions of a leader that is deposed, which are routed
      zombie.claim("zombie");
      zombie.open(ORIGIN);
      Relation old = zombie.append(relation());
      insert(zombie, old, 1);
      insert(zombie, old, 2);
      zombie.flush();
      leader.resume(tail(leader.claim("leader")), ORIGIN);
      Relation present = leader.append(relation());
      assertThat(routed(2)).containsExactly("701 {\"id\":1}", "702 {\"id\":2}");

      // When: both go on while no router runs, each with number 3
      zombie.add(new Insert(old, Tuple.of("99", "zombie")));
      zombie.commit(new ResumePoint(300, 799, 3), false);
      zombie.flush();
      insert(leader, present, 3);
      leader.flush();

      // Then
      assertThat(routed(3)).containsExactly("701 {\"id\":1}", "702 {\"id\":2}", "703 {\"id\":3}");
    }
  }

  /// What stands in the topic after a router has run until so many records are in it.
  private List<String> routed(int count) {
    Routing routing = new Routing(topics, (short) 1, "db", Map.of("fact", "part"), Map.of(), false);
    BridgeMetrics metrics = new BridgeMetrics(new SimpleMeterRegistry());
    try (Router router = new Router(routing, kafka, metrics, new RouterStatus(), _ -> {})) {
      router.start();
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(read()).hasSizeGreaterThanOrEqualTo(count));
    }
    return read();
  }

  private List<String> read() {
    try (Admin admin = Admin.create(kafka)) {
      return admin.listTopics().names().get().contains(topics.table("public", "fact"))
          ? KeyedTopic.read(TestStack.bootstrapServers(), topics.table("public", "fact")).stream()
              .map(RouterZombieTest::text)
              .toList()
          : List.of();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static String text(ConsumerRecord<byte[], byte[]> record) {
    return Headers.text(record.headers(), Headers.TXID)
        + " "
        + new String(record.key(), java.nio.charset.StandardCharsets.UTF_8);
  }

  private ReaderState tail(long epoch) {
    try (LogReader reader = LogReader.fromLatestClaim(kafka, topics.log())) {
      while (reader.epoch() != epoch) {
        var _ = reader.poll(Duration.ofMillis(100));
      }
      return reader.state().orElseThrow();
    }
  }

  private static void insert(LogWriter writer, Relation relation, int number) {
    writer.add(new Insert(relation, Tuple.of("" + number, "p")));
    writer.commit(new ResumePoint(100L + number, 700L + number, number), false);
  }

  private static Relation relation() {
    return new Relation(
        -1,
        16_385,
        "public",
        "fact",
        "f",
        List.of(
            new Column("id", 20, -1, "int8", "b", 0, true, 0),
            new Column("part", 25, -1, "text", "b", 0, true, -1)));
  }
}
