package dev.penstock.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.LogTruncatedException;
import dev.penstock.contracts.log.ReaderState;
import dev.penstock.contracts.log.Transaction;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;

class RetentionTest {

  @Test
  void whatIsTooOldGoesUpToAClaimAndTheRestCanBeReadFromThere() throws Exception {
    try (TestBridge bridge = TestBridge.onSharedStack(TestBridge.fact());
        Connection connection = bridge.connect()) {
      bridge.startAndLead();
      long first = Sql.commit(connection, "insert into fact values (1, 'p', 'a')");
      ReaderState before = bridge.transactionsUntil(first).getLast().state();
      // So that there is something between that state and the next claim.
      Sql.commit(connection, "insert into fact values (9, 'p', 'z')");
      KeyedState.ofFact(bridge, connection);
      bridge.stop();
      bridge.setting("penstock.bridge.log-retention", "1s");
      bridge.setting("penstock.bridge.log-check-interval", "300ms");

      bridge.startAndLead();
      long second = Sql.commit(connection, "insert into fact values (2, 'p', 'b')");

      await().atMost(Duration.ofSeconds(30)).until(() -> begin(bridge) > 0);
      List<Transaction> rest = bridge.transactionsUntil(second);
      assertThat(rest).extracting(Transaction::txid).containsExactly(second);
      assertThat(Changes.of(rest, second)).containsExactly("I 2,p,b");
      assertThat(rest.getFirst().number()).isEqualTo(before.number() + 2);
      try (LogReader reader =
          LogReader.from(KeyedTopic.kafka(bridge), bridge.topics.log(), before)) {
        assertThatThrownBy(
                () -> {
                  for (int i = 0; i < 50; i++) {
                    var _ = reader.poll(Duration.ofMillis(100));
                  }
                })
            .isInstanceOf(LogTruncatedException.class);
      }
      // And the next leader finds its way.
      bridge.stop();
      bridge.startAndLead();
      long third = Sql.commit(connection, "insert into fact values (3, 'p', 'c')");
      assertThat(bridge.transactionsUntil(third))
          .last()
          .extracting(Transaction::number)
          .isEqualTo(before.number() + 3);
    }
  }

  @Test
  void whatIsTooMuchGoesAndNothingThatWasNotRouted() throws Exception {
    try (TestBridge bridge = TestBridge.onSharedStack(TestBridge.fact());
        Connection connection = bridge.connect();
        Admin admin = Admin.create(KeyedTopic.kafka(bridge))) {
      bridge.startAndLead();
      ConfigResource log = new ConfigResource(ConfigResource.Type.TOPIC, bridge.topics.log());
      AlterConfigOp small =
          new AlterConfigOp(new ConfigEntry("segment.bytes", "1048576"), AlterConfigOp.OpType.SET);
      admin.incrementalAlterConfigs(Map.of(log, List.of(small))).all().get();
      for (int round = 0; round < 3; round++) {
        Sql.commit(
            connection,
            "insert into fact select %d + i, 'p', (select string_agg(md5((i + j)::text), '')"
                    .formatted(100 * round)
                + " from generate_series(1, 2000) j) from generate_series(1, 30) i");
        KeyedState.ofFact(bridge, connection);
        bridge.stop();
        bridge.startAndLead();
      }
      assertThat(begin(bridge)).isZero();
      bridge.stop();
      bridge.setting("penstock.bridge.log-size", "2MB");
      bridge.setting("penstock.bridge.log-check-interval", "300ms");

      bridge.startAndLead();

      await().atMost(Duration.ofSeconds(30)).until(() -> begin(bridge) > 0);
      long last = Sql.commit(connection, "insert into fact values (0, 'last', '')");
      assertThat(bridge.transactionsUntil(last)).isNotEmpty();
      KeyedState.ofFact(bridge, connection);
    }
  }

  private static long begin(TestBridge bridge) throws Exception {
    TopicPartition log = new TopicPartition(bridge.topics.log(), 0);
    try (Admin admin = Admin.create(KeyedTopic.kafka(bridge))) {
      return admin
          .listOffsets(Map.of(log, OffsetSpec.earliest()))
          .partitionResult(log)
          .get()
          .offset();
    }
  }
}
