package dev.penstock.bench;

import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.ReaderState;
import dev.penstock.contracts.log.Transaction;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.jspecify.annotations.Nullable;

/// How fast a backlog gets into the log: from the first record's append to the last's, by the
/// broker's clock. The program starts behind the backlog's last commit.
final class Drain implements Way {
  private final Rig rig;
  private final LogProgram bare;
  private final LogProgram bridge;

  Drain(Stand stand) throws Exception {
    rig = stand.rig();
    rig.createFact();
    rig.publish("fact");
    bare = LogProgram.bare(rig, 5);
    bridge = LogProgram.bridge(rig);
    LogProgram.clock(rig, bare.topic(), "LogAppendTime");
    LogProgram.clock(rig, bridge.topic(), "LogAppendTime");
  }

  @Override
  public void round(Results results) throws Exception {
    Own.Share share = new Own.Share();
    for (int perTransaction : new int[] {2, 1_000}) {
      backlog(perTransaction);
      String figure = perTransaction + "-row transactions";
      drain(bare, figure, results);
      drain(bridge, figure, results);
    }
    results.generator(
        Generator.idle(
            Ways.BRIDGE,
            "both",
            share.cores(),
            "the backlog is committed before the program starts; timed by the broker"));
  }

  private void backlog(int perTransaction) throws Exception {
    // Some seconds at the rate of each: what a JVM does in its first is not what it does.
    int rows =
        perTransaction == 2
            ? rig.stand().size().of(4_000, 60_000, 300_000)
            : rig.stand().size().of(4_000, 100_000, 1_000_000);
    try (Connection connection = rig.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("set synchronous_commit = off");
      statement.execute(
          """
          do $$ declare start bigint := (select coalesce(max(id), 0) from fact); begin
            for i in 0..%d - 1 loop
              insert into fact select start + i * %d + j, 'p' || (i %% 50), repeat('x', 100)
                from generate_series(1, %d) j;
              commit;
            end loop; end $$\
          """
              .formatted(rows / perTransaction, perTransaction, perTransaction));
    }
    rig.sql("checkpoint");
  }

  /// What was appended: its rows, and when the first and last record were.
  private record Appended(long rows, long firstMillis, long lastMillis) {}

  private void drain(LogProgram program, String figure, Results results) throws Exception {
    long from = program.end();
    Optional<ReaderState> before = state(program, from);
    Service service = program.start();
    CpuTrace cpu = new CpuTrace(service);
    program.awaitConfirmed();
    cpu.end();
    rig.stop(service);
    add(results, program, figure, cpu, appended(program, from, before));
  }

  private Appended appended(LogProgram program, long from, Optional<ReaderState> before)
      throws Exception {
    return program == bare ? appendedRecords(from) : appendedTransactions(before.orElse(null));
  }

  private static void add(
      Results results, LogProgram program, String figure, CpuTrace cpu, Appended appended) {
    double rate = appended.rows * 1e3 / Math.max(1, appended.lastMillis - appended.firstMillis);
    results.add(Ways.BRIDGE.id(), program.subject(), figure, "rows/s", rate);
    results.add(
        Ways.BRIDGE.id(),
        program.subject(),
        figure + ", CPU",
        "µs/row",
        cpu.between(appended.firstMillis, appended.lastMillis) * 1e6 / appended.rows);
  }

  private Optional<ReaderState> state(LogProgram program, long end) {
    if (program == bare || end == 0) {
      return Optional.empty();
    }
    try (LogReader reader = LogReader.fromLatestClaim(rig.kafka(), program.topic().topic())) {
      while (reader.nextOffset() < end) {
        reader.poll(Duration.ofMillis(100));
      }
      return reader.state();
    }
  }

  private Appended appendedRecords(long from) throws Exception {
    long end = bare.end();
    return new Appended(end - from, millis(bare, from), millis(bare, end - 1));
  }

  private Appended appendedTransactions(@Nullable ReaderState from) throws Exception {
    String topic = bridge.topic().topic();
    long end = bridge.end();
    long rows = 0;
    long first = -1;
    long last = -1;
    try (LogReader reader =
        from == null
            ? LogReader.fromBeginning(rig.kafka(), topic)
            : LogReader.from(rig.kafka(), topic, from)) {
      while (reader.nextOffset() < end) {
        for (var event : reader.poll(Duration.ofMillis(100))) {
          if (event instanceof Transaction transaction) {
            rows += transaction.entries();
            first = first < 0 ? transaction.firstOffset() : first;
            last = transaction.state().nextOffset() - 1;
          }
        }
      }
    }
    return new Appended(rows, millis(bridge, first), millis(bridge, last));
  }

  private static long millis(LogProgram program, long offset) {
    try (KafkaConsumer<byte[], byte[]> consumer = program.consumer(offset)) {
      while (true) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          return record.timestamp();
        }
      }
    }
  }

  @Override
  public void close() {
    rig.close();
  }
}
