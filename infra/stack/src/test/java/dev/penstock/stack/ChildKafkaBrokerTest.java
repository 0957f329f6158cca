package dev.penstock.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ChildKafkaBrokerTest {
  private static final Duration RESTART_LIMIT = Duration.ofSeconds(8);

  @TempDir Path directory;

  @Test
  void aKilledBrokerServesItsRecordsAgainWithinSeconds() throws Exception {
    try (ChildKafkaBroker broker = KafkaBroker.startChild(directory)) {
      Evidence.toKafka(broker.bootstrapServers());

      broker.kill();
      assertThat(broker.isRunning()).isFalse();
      long start = System.nanoTime();
      broker.start();
      int found = Evidence.inKafka(broker.bootstrapServers());

      assertThat(found).isEqualTo(1);
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      System.out.println("broker back after SIGKILL in " + took.toMillis() + " ms");
      assertThat(took).isLessThan(RESTART_LIMIT);
      freezeAndThaw(broker);
    }
  }

  private static void freezeAndThaw(ChildKafkaBroker broker) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      broker.freeze();
      assertThatThrownBy(() ->
              admin
                  .describeCluster(new DescribeClusterOptions().timeoutMs(500))
                  .nodes()
                  .get(2, TimeUnit.SECONDS))
          .hasMessageContaining("imed out");

      broker.thaw();
      assertThat(admin.describeCluster().nodes().get(20, TimeUnit.SECONDS)).hasSize(1);
    }
  }

  @Test
  void whatAKilledJvmLeavesBehindIsStoppedAndItsDataKept() throws Exception {
    Process owner = StackOwner.start(directory);
    List<Long> pids = owner.inputReader().lines().limit(2).map(Long::parseLong).toList();
    assertThat(pids).hasSize(2);
    long brokerPid = pids.getFirst();
    long postmasterPid = pids.getLast();

    owner.destroyForcibly().waitFor();

    assertThat(Processes.awaitDeath(brokerPid, Duration.ofSeconds(5))).isTrue();
    assertThat(Processes.isAlive(postmasterPid)).isTrue();
    try (PostgresServer postgres = PostgresServer.start(directory.resolve("postgres"), 0)) {
      assertThat(Processes.isAlive(postmasterPid)).isFalse();
      assertThat(Evidence.inPostgres(postgres.jdbcUrl("penstock"))).isEqualTo(1);
    }
    try (ChildKafkaBroker kafka = KafkaBroker.startChild(directory.resolve("kafka"))) {
      assertThat(Evidence.inKafka(kafka.bootstrapServers())).isEqualTo(1);
    }
  }
}
