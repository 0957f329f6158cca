package dev.penstock.bridge;

import dev.penstock.contracts.log.LogTopic;
import dev.penstock.stack.KafkaBroker;
import dev.penstock.stack.PostgresServer;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// Measures, with `-Dtest=BridgeSpeed -Dpenstock.measure=true`, in alternation with [BareReader],
/// each in a JVM of its own: how fast a backlog is drained, from the first record's append to the
/// last's by the broker's clock; the time from a commit's return to the consumer's poll; CPU.
///
/// `-Dpenstock.measure.rounds=n` repeats; `-Dpenstock.measure.jvm=…` adds flags to the children,
/// such as a recording; `-Dpenstock.measure.parts=idle,latency,throughput` chooses.
@EnabledIfSystemProperty(named = "penstock.measure", matches = "true")
class BridgeSpeed {
  private static final int ROWS = 200_000;

  /// Offsets within a piece's record, as [LogTopic]'s codec has them.
  private static final int KIND = 1;

  private static final int PART = 5;
  private static final int COUNT = 50;
  private static final int FLAGS = 54;
  private static final int XID = 67;

  private final List<String> results = new ArrayList<>();

  @Test
  void figures(@TempDir Path directory) throws Exception {
    measure(directory);
  }

  private void measure(Path directory) throws Exception {
    List<String> parts =
        List.of(
            System.getProperty("penstock.measure.parts", "idle,latency,throughput").split(",", -1));
    try (PostgresServer postgres = PostgresServer.start(directory.resolve("pg"), 0, Map.of());
        KafkaBroker broker = KafkaBroker.startChild(directory.resolve("kafka"))) {
      postgres.createDatabase("speed");
      try (TestBridge bridge =
          new TestBridge(postgres.jdbcUrl("speed"), broker.bootstrapServers(), TestBridge.fact())) {
        Run ours = new Run(bridge, directory, true);
        Run bare = new Run(bridge, directory, false);
        try (Connection connection = bridge.connect()) {
          Sql.run(connection, "select pg_create_logical_replication_slot('bare', 'pgoutput')");
        }
        for (int round = 0; round < Integer.getInteger("penstock.measure.rounds", 2); round++) {
          if (parts.contains("idle")) {
            bare.idle();
            ours.idle();
          }
          if (parts.contains("latency")) {
            bare.latency();
            ours.latency();
          }
          if (parts.contains("throughput")) {
            throughput(bridge, bare, ours, 2);
            throughput(bridge, bare, ours, 1_000);
          }
        }
      }
    }
    System.out.println(String.join("\n", results));
  }

  private void throughput(TestBridge bridge, Run bare, Run ours, int size) throws Exception {
    try (Connection connection = bridge.connect()) {
      Sql.run(connection, "set synchronous_commit = off");
      Sql.run(
          connection,
          """
          do $$ declare start bigint := (select coalesce(max(id), 0) from fact); begin
            for i in 0..%d - 1 loop
              insert into fact select start + i * %d + j, 'p' || (i %% 50), repeat('x', 100)
                from generate_series(1, %d) j;
              commit;
            end loop; end $$\
          """
              .formatted(ROWS / size, size, size));
      Sql.run(connection, "checkpoint");
    }
    double base = bare.drain(size);
    double own = ours.drain(size);
    results.add("  ratio, %d-row: %.2f".formatted(size, own / base));
  }

  /// A program under measurement, with its slot and topic.
  private final class Run {
    private final TestBridge bridge;
    private final Path directory;
    private final String name;
    private final String slot;
    private final TopicPartition topic;
    private final ToIntFunction<byte[]> rows;
    private final ToLongFunction<byte[]> xid;
    private final List<String> command = new ArrayList<>();

    Run(TestBridge bridge, Path directory, boolean ours) throws Exception {
      this.bridge = bridge;
      this.directory = directory;
      name = ours ? "bridge" : "bare";
      slot = ours ? bridge.name : "bare";
      topic = new TopicPartition(ours ? bridge.topics.log() : bridge.topics.prefix() + "-bare", 0);
      rows = ours ? BridgeSpeed::rows : _ -> 1;
      xid =
          ours
              ? BridgeSpeed::xid
              : value -> Integer.toUnsignedLong(ByteBuffer.wrap(value).getInt());
      command.add(ProcessHandle.current().info().command().orElseThrow());
      command.addAll(List.of("-Xmx512m", "--enable-native-access=ALL-UNNAMED"));
      command.add("--sun-misc-unsafe-memory-access=allow");
      command.add("-Dlogback.configurationFile=dev/penstock/stack/broker-logback.xml");
      String flags = System.getProperty("penstock.measure.jvm", "");
      command.addAll(flags.isEmpty() ? List.of() : Arrays.asList(flags.split(" ", -1)));
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.add((ours ? BridgeApplication.class : BareReader.class).getName());
      if (ours) {
        bridge.properties().forEach((key, value) -> command.add("--" + key + "=" + value));
      } else {
        String broker = bridge.kafka;
        command.addAll(List.of(bridge.url, slot, bridge.name, broker, topic.topic()));
      }
      try (Admin admin = Admin.create(KeyedTopic.kafka(bridge))) {
        LogTopic.create(admin, topic.topic(), (short) 1);
        // So the broker's clock says when a record was readable.
        ConfigEntry clock = new ConfigEntry("message.timestamp.type", "LogAppendTime");
        admin
            .incrementalAlterConfigs(
                Map.of(
                    new ConfigResource(ConfigResource.Type.TOPIC, topic.topic()),
                    List.of(new AlterConfigOp(clock, AlterConfigOp.OpType.SET))))
            .all()
            .get();
      }
    }

    Process launch() throws IOException {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(Redirect.appendTo(directory.resolve(name + ".log").toFile()))
          .start();
    }

    double drain(int size) throws Exception {
      long from = end();
      Process child = launch();
      try {
        TreeMap<Long, Double> cpu = new TreeMap<>(Map.of(0L, 0.0));
        Thread sampling =
            Thread.ofPlatform()
                .start(() -> {
                  while (child.isAlive()) {
                    cpu.put(System.currentTimeMillis(), cpu(child));
                    java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
                  }
                });
        awaitConfirmed(Duration.ofMinutes(3));
        stop(child);
        sampling.join();
        long first = 0;
        long last = 0;
        long count = 0;
        for (ConsumerRecord<byte[], byte[]> record : read(from)) {
          int changes = rows.applyAsInt(record.value());
          first = changes > 0 && first == 0 ? record.timestamp() : first;
          last = changes > 0 ? record.timestamp() : last;
          count += changes;
        }
        double rate = count * 1_000.0 / Math.max(1, last - first);
        results.add(
            "%s, %d-row transactions: %,.0f rows/s, %,.0f rows per second of CPU (%d rows)"
                .formatted(
                    name,
                    size,
                    rate,
                    count / (cpu.floorEntry(last).getValue() - cpu.floorEntry(first).getValue()),
                    count));
        System.out.println(results.getLast());
        return rate;
      } finally {
        child.destroyForcibly().waitFor();
      }
    }

    void idle() throws Exception {
      Process child = launch();
      try {
        awaitConfirmed(Duration.ofMinutes(1));
        TimeUnit.SECONDS.sleep(10);
        double before = cpu(child);
        TimeUnit.SECONDS.sleep(20);
        results.add("%s, idle: %.1f %% of a core".formatted(name, (cpu(child) - before) * 5));
        System.out.println(results.getLast());
      } finally {
        child.destroyForcibly().waitFor();
      }
    }

    void latency() throws Exception {
      Process child = launch();
      Map<Long, Long> committed = new ConcurrentHashMap<>();
      Map<Long, Long> seen = new ConcurrentHashMap<>();
      AtomicBoolean stop = new AtomicBoolean();
      try (Connection connection = bridge.connect();
          KafkaConsumer<byte[], byte[]> consumer = consumer(end())) {
        awaitConfirmed(Duration.ofMinutes(1));
        Thread reading =
            Thread.ofPlatform()
                .start(() -> {
                  while (!stop.get()) {
                    for (var record : consumer.poll(Duration.ofMillis(100))) {
                      long now = System.nanoTime();
                      if (rows.applyAsInt(record.value()) > 0) {
                        seen.put(xid.applyAsLong(record.value()), now);
                      }
                    }
                  }
                });
        double before = cpu(child);
        load(connection, 0, 500, 10, committed);
        report("cold, 50 tx/s", committed, seen, cpu(child) - before);
        load(connection, 500, 4_000, 200, committed);
        report("warming, 200 tx/s", committed, seen, 0);
        before = cpu(child);
        load(connection, 4_500, 1_000, 50, committed);
        report("warm, 50 tx/s", committed, seen, cpu(child) - before);
        stop.set(true);
        reading.join();
      } finally {
        child.destroyForcibly().waitFor();
      }
    }

    private void load(
        Connection connection, int from, int count, int perSecond, Map<Long, Long> committed)
        throws SQLException {
      committed.clear();
      connection.setAutoCommit(false);
      try (PreparedStatement insert =
              connection.prepareStatement(
                  "insert into fact select max(id) + 1, 'p', repeat('x', 100) from fact"
                      + " union all select coalesce(max(id), 0) + 2, 'p', 'y' from fact");
          PreparedStatement txid =
              connection.prepareStatement("select pg_current_xact_id()::xid::text::bigint")) {
        if (from == 0) {
          Sql.run(
              connection,
              "insert into fact values ((select coalesce(max(id), 0) + 1 from fact), 'p', 'x')");
          connection.commit();
        }
        long begin = System.nanoTime();
        for (int i = 0; i < count; i++) {
          long due = begin + i * 1_000_000_000L / perSecond;
          java.util.concurrent.locks.LockSupport.parkNanos(due - System.nanoTime());
          insert.executeUpdate();
          long id;
          try (var row = txid.executeQuery()) {
            row.next();
            id = row.getLong(1);
          }
          connection.commit();
          committed.put(id, System.nanoTime());
        }
      }
      connection.setAutoCommit(true);
    }

    private void report(String what, Map<Long, Long> committed, Map<Long, Long> seen, double cpu)
        throws InterruptedException {
      long deadline = System.nanoTime() + 10_000_000_000L;
      while (!seen.keySet().containsAll(committed.keySet()) && System.nanoTime() < deadline) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
      double[] millis =
          committed.entrySet().stream()
              .filter(entry -> seen.containsKey(entry.getKey()))
              .mapToDouble(entry ->
                  (Objects.requireNonNull(seen.get(entry.getKey())) - entry.getValue()) / 1e6)
              .sorted()
              .toArray();
      results.add(
          "%s, %s: p50 %.1f, p90 %.1f, p99 %.1f, max %.1f ms, %d of %d seen, %.1f s of CPU"
              .formatted(
                  name,
                  what,
                  millis[millis.length / 2],
                  millis[millis.length * 9 / 10],
                  millis[millis.length * 99 / 100],
                  millis[millis.length - 1],
                  millis.length,
                  committed.size(),
                  cpu));
      System.out.println(results.getLast());
    }

    private void awaitConfirmed(Duration patience) throws Exception {
      long deadline = System.nanoTime() + patience.toNanos();
      try (Connection connection = bridge.connect()) {
        String target = Sql.text(connection, "select pg_current_wal_insert_lsn()");
        Sql.run(connection, "insert into fact select coalesce(max(id), 0) + 1, 'p', 'x' from fact");
        String query =
            "select confirmed_flush_lsn >= '%s' from pg_replication_slots where slot_name = '%s'"
                .formatted(target, slot);
        while (!Sql.text(connection, query).equals("t")) {
          if (System.nanoTime() > deadline) {
            throw new AssertionError(name + " did not get there in " + patience);
          }
          TimeUnit.MILLISECONDS.sleep(100);
        }
      }
    }

    private long end() throws Exception {
      try (Admin admin = Admin.create(KeyedTopic.kafka(bridge))) {
        return admin
            .listOffsets(Map.of(topic, OffsetSpec.latest()))
            .partitionResult(topic)
            .get()
            .offset();
      }
    }

    private KafkaConsumer<byte[], byte[]> consumer(long from) {
      KafkaConsumer<byte[], byte[]> consumer =
          new KafkaConsumer<>(
              KeyedTopic.kafka(bridge), new ByteArrayDeserializer(), new ByteArrayDeserializer());
      consumer.assign(List.of(topic));
      consumer.seek(topic, from);
      return consumer;
    }

    private List<ConsumerRecord<byte[], byte[]>> read(long from) throws Exception {
      long end = end();
      List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
      try (KafkaConsumer<byte[], byte[]> consumer = consumer(from)) {
        while (consumer.position(topic) < end) {
          consumer.poll(Duration.ofMillis(100)).forEach(records::add);
        }
      }
      return records;
    }
  }

  /// In order, so that a recording is written.
  private static void stop(Process child) throws InterruptedException {
    child.destroy();
    if (!child.waitFor(20, TimeUnit.SECONDS)) {
      child.destroyForcibly().waitFor();
    }
  }

  private static double cpu(Process child) {
    return child.info().totalCpuDuration().map(Duration::toMillis).orElse(0L) / 1_000.0;
  }

  private static int rows(byte[] value) {
    return value[KIND] == PART ? ByteBuffer.wrap(value).getInt(COUNT) : 0;
  }

  private static long xid(byte[] value) {
    return (value[FLAGS] & 1) == 0 ? -1 : ByteBuffer.wrap(value).getLong(XID);
  }

  /// Without JUnit.
  public static void main(String[] args) throws Exception {
    new BridgeSpeed().measure(Path.of(args[0]));
  }
}
