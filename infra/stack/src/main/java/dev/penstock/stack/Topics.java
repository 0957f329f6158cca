package dev.penstock.stack;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;

final class Topics {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final short ONE_REPLICA = 1;

  private Topics() {}

  static void create(
      String bootstrapServers, String name, int partitions, Map<String, String> configs) {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      admin
          .createTopics(List.of(new NewTopic(name, partitions, ONE_REPLICA).configs(configs)))
          .all()
          .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      // The controller answers before the broker knows of it.
      if (!Processes.await(() -> leadersAnswer(admin, name, partitions), LIMIT)) {
        throw new StackException("The topic " + name + " was created, but has no leader.");
      }
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw new StackException("The topic " + name + " could not be created.", e);
      }
    } catch (TimeoutException e) {
      throw new StackException("The topic " + name + " could not be created in time.", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StackException("The creation of the topic " + name + " was interrupted.", e);
    }
  }

  private static boolean leadersAnswer(Admin admin, String name, int partitions) {
    Map<TopicPartition, OffsetSpec> ends =
        IntStream.range(0, partitions)
            .boxed()
            .collect(
                Collectors.toMap(
                    partition -> new TopicPartition(name, partition),
                    partition -> OffsetSpec.latest()));
    try {
      admin.listOffsets(ends).all().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      return true;
    } catch (ExecutionException | TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
