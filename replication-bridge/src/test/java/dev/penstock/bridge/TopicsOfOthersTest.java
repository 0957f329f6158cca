package dev.penstock.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.contracts.Topics;
import java.sql.Connection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;

/// Whoever comes first makes a topic, with the broker's defaults: 7 days, records up to 1 MiB.
class TopicsOfOthersTest {

  @Test
  void aTopicThatSomebodyElseMadeGetsWhatItNeeds() throws Exception {
    try (TestBridge bridge = TestBridge.onSharedStack(TestBridge.fact());
        Connection connection = bridge.connect();
        Admin admin = Admin.create(KeyedTopic.kafka(bridge))) {
      String fact = bridge.topics.table("public", "fact");
      admin
          .createTopics(
              List.of(
                  topic(bridge.topics.log(), 1, Map.of("cleanup.policy", "compact")),
                  topic(bridge.topics.questions(), Topics.KEYED_PARTITIONS, Map.of()),
                  topic(fact, Topics.KEYED_PARTITIONS, Map.of("cleanup.policy", "compact"))))
          .all()
          .get();

      bridge.startAndLead();
      Sql.commit(
          connection,
          "insert into fact values (1, 'p', 'a')",
          """
          select pg_logical_emit_message(true, 'penstock.questions', jsonb_build_object(
            'questionId', gen_random_uuid(), 'answerId', gen_random_uuid(),
            'conversationId', gen_random_uuid(), 'owner', 'alice',
            'content', (select string_agg(md5(i::text), '') from generate_series(1, 65536) i),
            'askedAt', '2026-11-22T08:16:34Z')::text)\
          """);

      assertThat(KeyedTopic.readTopic(bridge, bridge.topics.questions(), 1))
          .singleElement()
          .satisfies(
              record -> assertThat(new String(record.value(), UTF_8)).hasSizeGreaterThan(2 << 20));
      assertThat(KeyedTopic.read(bridge, "fact", 1)).hasSize(1);
      for (String topic : List.of(bridge.topics.log(), bridge.topics.questions(), fact)) {
        Config config = config(admin, topic);
        assertThat(value(config, "max.message.bytes")).isEqualTo("35651584");
        assertThat(value(config, "retention.ms")).isEqualTo("-1");
        // A person's choice where it loses nothing that is needed.
        assertThat(value(config, "cleanup.policy"))
            .isEqualTo(topic.equals(fact) ? "compact" : "delete");
      }
    }
  }

  private static NewTopic topic(String name, int partitions, Map<String, String> configs) {
    Map<String, String> all = new HashMap<>(configs);
    // Kafka's default; the tests' broker has a larger one.
    all.put("max.message.bytes", "1048588");
    return new NewTopic(name, Optional.of(partitions), Optional.empty()).configs(all);
  }

  private static Config config(Admin admin, String topic) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    return Objects.requireNonNull(
        admin.describeConfigs(List.of(resource)).all().get().get(resource));
  }

  private static String value(Config config, String key) {
    return config.get(key).value();
  }
}
