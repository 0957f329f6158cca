package dev.penstock.contracts.log;

import java.nio.ByteBuffer;
import java.util.UUID;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/// A record of the log with a transaction of one row of nine columns, from bytes to entries.
@State(Scope.Benchmark)
public class LogDecodeBenchmark {
  private final Relation relation =
      new Relation(
          7,
          1,
          "public",
          "messages",
          "f",
          java.util.stream.IntStream.range(0, 9)
              .mapToObj(
                  i -> new Relation.Column("c" + i, 25, -1, "text", "b", 0, false, i == 0 ? 0 : -1))
              .toList());
  private final byte[] record = record();

  private byte[] record() {
    Tuple row =
        Tuple.of(
            UUID.randomUUID().toString(),
            UUID.randomUUID().toString(),
            "user",
            "completed",
            "x".repeat(100),
            null,
            null,
            "2026-01-01 00:00:00+00",
            "2026-01-01 00:00:00+00");
    Output output = LogCodec.startPart(new Stamp(UUID.randomUUID(), 1, 2), 3, 0, 0);
    EntryCodec.encode(output, new LogEntry.Insert(relation, row));
    LogCodec.finishPart(output, 1, new LogRecord.End(1, new ResumePoint(4, 5, 6), false));
    return output.toArray();
  }

  @Benchmark
  public void decode(Blackhole hole) {
    LogCodec.Stamped stamped = LogCodec.decode(record);
    if (stamped.body() instanceof LogRecord.Part part) {
      ByteBuffer entries = part.entries();
      EntryCodec.decode(entries, _ -> relation, hole::consume);
    }
  }
}
