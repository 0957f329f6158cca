package dev.penstock.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.testcontainers.junit.jupiter.Testcontainers;
import tools.jackson.databind.JsonNode;

/// The whole way over Postgres, Kafka and a real Electric in containers. All other end-to-end tests
/// run against them with `-Dpenstock.containers=true`.
@Tag("docker")
@Testcontainers(disabledWithoutDocker = true)
@Timeout(600)
class ContainersTest {
  @Test
  void everyQuestionIsConfirmedAndAnsweredOnceOverRealElectricInContainers() throws Exception {
    Path directory = SharedPenstock.Directories.temporary("penstock-containers");
    try (Containers containers = new Containers();
        PenstockProcess penstock =
            PenstockProcess.start(directory, containers.settings().toArray(String[]::new))) {
      JsonNode seen = NodeClients.ask(penstock.url(), "containers-" + UUID.randomUUID(), 20);
      assertThat(seen.get("unanswered").asInt()).isZero();
      assertThat(seen.get("answeredTwice").asInt()).isZero();
      assertThat(penstock.output()).doesNotContain("shape-server");
    } finally {
      SharedPenstock.Directories.delete(directory);
    }
  }
}
