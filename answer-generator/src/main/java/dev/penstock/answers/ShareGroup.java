package dev.penstock.answers;

import dev.penstock.contracts.Topics;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.jspecify.annotations.Nullable;

/// The share group's own settings live in the broker. Their defaults lose questions: a new group
/// starts at the topic's end, and reads what was never committed.
///
/// @param name of the group
/// @param topic it reads
/// @param recordLock how long Kafka waits for the acknowledgement of a delivered record
/// @param deliveryLimit after how many deliveries Kafka gives a record up, 2 to 10
record ShareGroup(String name, String topic, Duration recordLock, int deliveryLimit) {
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  /// Makes the topic, unless it is there, and the group's settings, and reads them back; must come
  /// before the group's first member.
  ///
  /// @throws KafkaException if the broker refuses or does not keep one
  void prepare(Map<String, Object> clientSettings) throws InterruptedException {
    try (Admin admin = Admin.create(clientSettings)) {
      createTopic(admin);
      ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, name);
      admin
          .incrementalAlterConfigs(
              Map.of(
                  group,
                  settings().entrySet().stream()
                      .map(setting -> new ConfigEntry(setting.getKey(), setting.getValue()))
                      .map(entry -> new AlterConfigOp(entry, AlterConfigOp.OpType.SET))
                      .toList()))
          .all()
          .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      awaitSettings(admin, group);
    } catch (ExecutionException | TimeoutException e) {
      throw new KafkaException("The share group " + name + " could not be prepared", e);
    }
  }

  private Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("share.auto.offset.reset", "earliest");
    settings.put("share.isolation.level", "read_committed");
    settings.put("share.delivery.count.limit", Integer.toString(deliveryLimit));
    settings.put("share.record.lock.duration.ms", Long.toString(recordLock.toMillis()));
    return settings;
  }

  private void createTopic(Admin admin)
      throws InterruptedException, ExecutionException, TimeoutException {
    try {
      admin
          .createTopics(
              List.of(new NewTopic(topic, Optional.of(Topics.KEYED_PARTITIONS), Optional.empty())))
          .all()
          .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e;
      }
    }
  }

  /// The broker answers the change before every part of it has seen it.
  private void awaitSettings(Admin admin, ConfigResource group)
      throws InterruptedException, ExecutionException, TimeoutException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Config kept =
          admin
              .describeConfigs(List.of(group))
              .all()
              .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
              .get(group);
      Optional<String> wrong =
          settings().entrySet().stream()
              .filter(setting -> !setting.getValue().equals(valueOf(kept, setting.getKey())))
              .map(Map.Entry::getKey)
              .findFirst();
      if (wrong.isEmpty()) {
        return;
      }
      if (System.nanoTime() - end > 0) {
        throw new KafkaException(
            "The broker does not keep " + wrong.get() + " of the share group " + name);
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private static String valueOf(@Nullable Config config, String key) {
    ConfigEntry entry = config == null ? null : config.get(key);
    return entry == null ? "" : String.valueOf(entry.value());
  }
}
