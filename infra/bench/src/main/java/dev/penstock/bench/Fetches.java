package dev.penstock.bench;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// Notes, within a shape-server, when its consumers were handed which offset: Kafka makes it from
/// the consumers' configuration.
public final class Fetches implements ConsumerInterceptor<byte[], byte[]> {
  private static final String FILE = "penstock.bench.fetches";

  private @Nullable BufferedWriter out;

  /// A shape-server's settings under which its fetches are noted in a file.
  static Map<String, Object> settings(Path file) {
    return Map.of(
        "penstock.shapes.kafka.interceptor.classes",
        Fetches.class.getName(),
        "penstock.shapes.kafka." + FILE,
        file.toString());
  }

  /// By offset, the earliest time by [System#nanoTime], which is one clock for all processes.
  static Map<Long, Long> read(Path file) throws IOException {
    Map<Long, Long> times = new HashMap<>();
    for (String line : Files.readAllLines(file)) {
      int space = line.indexOf(' ');
      if (space > 0) {
        times.merge(
            Long.parseLong(line, 0, space, 10),
            Long.parseLong(line, space + 1, line.length(), 10),
            Math::min);
      }
    }
    return times;
  }

  @Override
  public void configure(Map<String, ?> configuration) {
    try {
      out =
          Files.newBufferedWriter(
              Path.of(String.valueOf(configuration.get(FILE))),
              java.nio.file.StandardOpenOption.CREATE,
              java.nio.file.StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public ConsumerRecords<byte[], byte[]> onConsume(ConsumerRecords<byte[], byte[]> records) {
    long now = System.nanoTime();
    BufferedWriter to = out;
    if (to != null && !records.isEmpty()) {
      try {
        for (ConsumerRecord<byte[], byte[]> record : records) {
          to.write(record.offset() + " " + now + "\n");
        }
        to.flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return records;
  }

  @Override
  public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {}

  @Override
  public void close() {
    try {
      if (out != null) {
        out.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
