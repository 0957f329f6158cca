package dev.penstock.answers;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.QuestionAsked;
import dev.penstock.management.Management;
import dev.penstock.stack.TestStack;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AnswersApplicationTest {
  private final Conversations conversations = new Conversations();

  @AfterEach
  void close() {
    conversations.close();
  }

  @Test
  void answersOfflineWithItsOwnDefaultsAndMakesTopicAndGroup() throws Exception {
    // Given no topic, and only the addresses as settings
    String prefix = conversations.topics.prefix();
    try (var context =
            AnswersApplication.start(
                Map.of(
                    "penstock.answers.database-url",
                    Conversations.sharedDatabaseUrl(),
                    "penstock.answers.kafka-bootstrap-servers",
                    TestStack.bootstrapServers(),
                    "penstock.answers.topic-prefix",
                    prefix,
                    "penstock.answers.offline-word-delay",
                    "1ms",
                    "penstock.answers.management-port",
                    0));
        Admin admin = Admin.create(Map.of("bootstrap.servers", TestStack.bootstrapServers()))) {
      await()
          .atMost(Duration.ofSeconds(15))
          .until(() -> admin.listTopics().names().get().contains(conversations.topics.questions()));

      // When
      QuestionAsked asked = conversations.ask("Does it run?");
      await()
          .atMost(Duration.ofSeconds(15))
          .until(() -> conversations.answer(asked).status().equals("completed"));

      // Then
      assertThat(ManagementTest.get(context.getBean(Management.class), "/actuator/health").body())
          .contains("\"intake\":{\"status\":\"UP\"}");
      assertThat(conversations.answer(asked).content()).contains("\"Does it run?\"");
      var group = new ConfigResource(ConfigResource.Type.GROUP, prefix + ".answers");
      var config = requireNonNull(admin.describeConfigs(List.of(group)).all().get().get(group));
      assertThat(config.get("share.auto.offset.reset").value()).isEqualTo("earliest");
      assertThat(config.get("share.isolation.level").value()).isEqualTo("read_committed");
      assertThat(config.get("share.delivery.count.limit").value()).isEqualTo("10");
      assertThat(config.get("share.record.lock.duration.ms").value()).isEqualTo("15000");
      assertThat(
              admin
                  .describeTopics(List.of(conversations.topics.questions()))
                  .allTopicNames()
                  .get()
                  .values())
          .singleElement()
          .satisfies(topic -> assertThat(topic.partitions()).hasSize(12));
    }
  }

  @Test
  void aWrongSettingStopsTheStartWithItsName() {
    assertThatThrownBy(
            () -> AnswersApplication.start(Map.of("penstock.answers.concurrency", "0")).close())
        .hasStackTraceContaining("penstock.answers.concurrency must be 1 to 1000, not 0");
    assertThatThrownBy(
            () -> AnswersApplication.start(Map.of("penstock.answers.unknown-key", "1")).close())
        .hasStackTraceContaining("unknown-key");
  }
}
