package dev.penstock.stack;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;

final class Topics {
  private static final long LIMIT_SECONDS = 30;
  private static final short ONE_REPLICA = 1;

  private Topics() {}

  static void create(
      String bootstrapServers, String name, int partitions, Map<String, String> configs) {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      try {
        admin
            .createTopics(List.of(new NewTopic(name, partitions, ONE_REPLICA).configs(configs)))
            .all()
            .get(LIMIT_SECONDS, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw e;
        }
      }
      admin
          .listOffsets(Map.of(new TopicPartition(name, partitions - 1), OffsetSpec.latest()))
          .all()
          .get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new StackException("The topic " + name + " could not be created.", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StackException("The creation of the topic " + name + " was interrupted.", e);
    }
  }
}
