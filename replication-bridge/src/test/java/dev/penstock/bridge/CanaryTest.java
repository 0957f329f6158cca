package dev.penstock.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.Outbox;
import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.Transaction;
import dev.penstock.management.CanaryLag;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

class CanaryTest {
  @Test
  void canariesTravelThroughTheLogOfAnIdleDatabaseAndIntoNoTopic() throws Exception {
    try (TestBridge bridge = TestBridge.onSharedStack(TestBridge.fact());
        Admin admin = Admin.create(KeyedTopic.kafka(bridge))) {
      bridge.setting("penstock.bridge.canary-interval", "100ms");
      bridge.setting("penstock.bridge.wal-check-interval", "100ms");
      bridge.startAndLead();
      CanaryLag canary = bridge.bean(BridgeMetrics.class).canary();

      await().atMost(TestBridge.PATIENCE).until(() -> canary.last().isPresent());
      long first = canary.last().orElseThrow();
      await().atMost(TestBridge.PATIENCE).until(() -> canary.last().orElse(0) > first);

      AtomicInteger canaries = new AtomicInteger();
      bridge.transactionsUntil(
          transaction -> isCanary(transaction) && canaries.incrementAndGet() == 2);
      assertThat(admin.listTopics().names().get())
          .noneMatch(topic -> topic.contains(Outbox.HEARTBEAT));
    }
  }

  private static boolean isCanary(Transaction transaction) {
    List<LogEntry> entries = new ArrayList<>();
    transaction.forEach(entries::add);
    return entries.size() == 1
        && entries.getFirst() instanceof LogEntry.Message message
        && message.prefix().equals(Outbox.HEARTBEAT);
  }
}
