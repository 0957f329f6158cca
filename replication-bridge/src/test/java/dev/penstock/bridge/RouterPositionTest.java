package dev.penstock.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class RouterPositionTest {

  @Test
  void aRouterHasAPositionBeforeItsFirstRecordAndWithoutItRepeatsNothing() throws Exception {
    try (TestBridge bridge = TestBridge.onSharedStack(TestBridge.fact());
        Connection connection = bridge.connect();
        Admin admin = Admin.create(KeyedTopic.kafka(bridge))) {
      bridge.startAndLead();
      await()
          .atMost(TestBridge.PATIENCE)
          .untilAsserted(() -> assertThat(positions(admin, bridge)).hasSize(1));
      Sql.commit(connection, "insert into fact values (1, 'p', 'a')");
      assertThat(KeyedTopic.read(bridge, "fact", 1)).hasSize(1);
      bridge.stop();

      // When: as if Kafka had let it expire.
      admin.deleteConsumerGroups(List.of(group(bridge))).all().get(10, TimeUnit.SECONDS);
      bridge.startAndLead();

      // Then
      await()
          .atMost(TestBridge.PATIENCE)
          .untilAsserted(() ->
              assertThat(
                      bridge
                          .bean(MeterRegistry.class)
                          .counter("penstock.bridge.router.failed")
                          .count())
                  .isEqualTo(1));
      assertThat(KeyedTopic.read(bridge, "fact", 1)).hasSize(1);
      assertThat(positions(admin, bridge)).isEmpty();
      Health health =
          new Health(
              bridge.bean(BridgeStatus.class),
              bridge.bean(WalGuard.class),
              bridge.bean(Bridge.class)::routerStatus);
      assertThat(health.whole().up()).isFalse();
      assertThat(health.whole().body().toString()).contains("the router's position is gone");
      assertThat(health.readiness().up()).isTrue();
      assertThat(health.liveness().up()).isTrue();
    }
  }

  private static String group(TestBridge bridge) {
    return bridge.topics.prefix() + ".router";
  }

  private static Map<TopicPartition, OffsetAndMetadata> positions(Admin admin, TestBridge bridge)
      throws Exception {
    return admin
        .listConsumerGroupOffsets(group(bridge))
        .partitionsToOffsetAndMetadata()
        .get(10, TimeUnit.SECONDS);
  }
}
