package dev.penstock.contracts.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.contracts.log.LogEntry.Ddl;
import dev.penstock.contracts.log.LogEntry.Delete;
import dev.penstock.contracts.log.LogEntry.Insert;
import dev.penstock.contracts.log.LogEntry.Message;
import dev.penstock.contracts.log.LogEntry.Oversize;
import dev.penstock.contracts.log.LogEntry.SnapshotRow;
import dev.penstock.contracts.log.LogEntry.Truncate;
import dev.penstock.contracts.log.LogEntry.Update;
import dev.penstock.contracts.log.LogRecord.Claim;
import dev.penstock.contracts.log.LogRecord.End;
import dev.penstock.contracts.log.LogRecord.Generation;
import dev.penstock.contracts.log.LogRecord.Part;
import dev.penstock.contracts.log.LogRecord.Progress;
import dev.penstock.contracts.log.LogRecord.RelationRecord;
import dev.penstock.contracts.log.LogRecord.Resume;
import dev.penstock.contracts.log.Relation.Column;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class LogCodecTest {
  private static final Stamp STAMP =
      new Stamp(new UUID(0x0102030405060708L, 0x090a0b0c0d0e0f10L), 3, 4);
  private static final LogOrigin ORIGIN =
      new LogOrigin("first start", "7", 1, "db", "slot", "topic", 99, 100, 101);
  private static final Relation RELATION =
      new Relation(
          9,
          16_385,
          "public",
          "messages",
          "f",
          List.of(
              new Column("id", 2950, -1, "uuid", "b", 0, true, 0),
              new Column("tags", 1009, -1, "text", "b", 1, false, -1),
              new Column("content", 25, -1, "text", "b", 0, true, -1)));

  @Test
  void everyRecordSurvivesItsBytes() {
    List<LogRecord> records =
        List.of(
            new Claim("host-1", 5),
            new Generation(new UUID(5, 6), ORIGIN),
            new Resume(12, new ResumePoint(-1, 4_294_967_295L, 3), ORIGIN),
            new RelationRecord(RELATION),
            new Progress(new ResumePoint(1, 2, 3)),
            new Part(7, 1, 1, 2, null, ByteBuffer.wrap(new byte[] {1, 2, 3})),
            new Part(
                7, 0, 0, 0, new End(0, new ResumePoint(8, 9, 10), true), ByteBuffer.allocate(0)));
    for (LogRecord record : records) {
      LogCodec.Stamped decoded = LogCodec.decode(LogCodec.encode(STAMP, record));
      assertThat(decoded.stamp()).isEqualTo(STAMP);
      assertThat(decoded.body()).isEqualTo(record);
    }
  }

  /// The format is a contract: these bytes must be readable for as long as there are logs.
  @Test
  void theBytesOfAPartStayAsTheyAre() {
    Output part = LogCodec.startPart(STAMP, 2, 0, 0);
    EntryCodec.encode(part, new Insert(RELATION, Tuple.of("a", null, "é")));
    EntryCodec.encode(part, new Message("p", new byte[] {7}));
    LogCodec.finishPart(part, 2, new End(2, new ResumePoint(0x10, 0x20, 0x30), false));
    assertThat(HexFormat.of().formatHex(part.toArray()))
        .isEqualTo(
            "0105"
                + "0102030405060708090a0b0c0d0e0f10"
                + "0000000000000003"
                + "0000000000000004"
                + "0000000000000002"
                + "00000000"
                + "00000000"
                + "00000002"
                + "01"
                + "00000002"
                + "0000000000000010"
                + "0000000000000020"
                + "0000000000000030"
                + "0109"
                + "03"
                + "0361"
                + "00"
                + "04c3a9"
                + "09"
                + "0170"
                + "0107");
  }

  @Test
  void anOriginWithoutTheLaterFieldsIsOfAGenerationWithoutASnapshot() {
    byte[] json =
        ("{\"id\":\"00000000-0000-0005-0000-000000000006\",\"origin\":{\"reason\":\"r\","
                + "\"systemIdentifier\":\"7\",\"timeline\":1,\"database\":\"db\","
                + "\"slot\":\"slot\",\"topicId\":\"topic\",\"startLsn\":99}}")
            .getBytes(UTF_8);
    byte[] stamp = Arrays.copyOf(LogCodec.encode(STAMP, new Claim("host-1", 5)), 34);
    stamp[1] = 2;
    byte[] record = Arrays.copyOf(stamp, stamp.length + json.length);
    System.arraycopy(json, 0, record, stamp.length, json.length);

    Generation generation = (Generation) LogCodec.decode(record).body();

    assertThat(generation.origin())
        .isEqualTo(new LogOrigin("r", "7", 1, "db", "slot", "topic", 99));
    assertThat(generation.origin().hasSnapshot()).isFalse();
  }

  @Test
  void everyEntrySurvivesItsBytes() {
    Tuple row = Tuple.of("1", null, "");
    Tuple toast = new Tuple.Builder(3).add("1".getBytes(UTF_8)).addNull().addUnchanged().build();
    List<LogEntry> entries =
        List.of(
            new Insert(RELATION, row),
            new Update(RELATION, row, Tuple.of("1", "{a,\"b c\"}", "text \u0001 \uD83D\uDE00")),
            new Update(RELATION, null, toast),
            new Delete(RELATION, row),
            new SnapshotRow(RELATION, row),
            new Oversize(RELATION, "insert", row, 1L << 40),
            new Truncate(List.of(RELATION), true, false),
            new Ddl("{\"tag\":\"ALTER TABLE\"}"));
    for (LogEntry entry : entries) {
      Output alone = new Output(1);
      EntryCodec.encode(alone, entry);
      assertThat(Oversized.atLeast(entry)).isLessThanOrEqualTo(alone.length());
    }
    Output output = new Output(1);
    entries.forEach(entry -> EntryCodec.encode(output, entry));
    assertThat(decode(output.toArray())).isEqualTo(entries);
  }

  @Test
  void randomTuplesSurviveTheirBytes() {
    long seed = Long.getLong("penstock.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      Tuple.Builder tuple = new Tuple.Builder(random.nextInt(40));
      byte[] shared = new byte[64];
      random.nextBytes(shared);
      List<byte[]> expected = new ArrayList<>();
      while (true) {
        int kind = random.nextInt(4);
        byte[] own = new byte[random.nextInt(300)];
        random.nextBytes(own);
        int from = random.nextInt(32);
        try {
          switch (kind) {
            case 0 -> tuple.addNull();
            case 1 -> tuple.addUnchanged();
            case 2 -> tuple.add(own);
            default -> tuple.add(shared, from, 32);
          }
        } catch (ArrayIndexOutOfBoundsException full) {
          break;
        }
        expected.add(
            kind < 2
                ? new byte[] {(byte) kind}
                : kind == 2 ? own : Arrays.copyOfRange(shared, from, from + 32));
      }
      Output output = new Output(1);
      EntryCodec.encode(output, new Insert(RELATION, tuple.build()));
      Tuple decoded = ((Insert) decode(output.toArray()).getFirst()).row();
      assertThat(decoded.size()).isEqualTo(expected.size());
      for (int i = 0; i < decoded.size(); i++) {
        if (decoded.length(i) >= 0) {
          assertThat(
                  Arrays.copyOfRange(
                      decoded.array(), decoded.start(i), decoded.start(i) + decoded.length(i)))
              .as("seed %d round %d column %d", seed, round, i)
              .isEqualTo(expected.get(i));
        }
      }
    }
  }

  @Test
  void cutAndScrambledBytesAreRefused() {
    byte[] whole = LogCodec.encode(STAMP, new RelationRecord(RELATION));
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> LogCodec.decode(cut)).isInstanceOf(LogFormatException.class);
    }
    byte[] newer = whole.clone();
    newer[0] = 2;
    assertThatThrownBy(() -> LogCodec.decode(newer))
        .isInstanceOf(LogFormatException.class)
        .hasMessageContaining("format version 2");
    assertThatThrownBy(() -> decode(new byte[] {1, 9, 5, 50, 1}))
        .isInstanceOf(LogFormatException.class);
  }

  @Test
  void unchangedValuesComeFromTheOldRow() {
    Tuple old = Tuple.of("1", "old", "long text");
    Tuple update = new Tuple.Builder(3).add("1".getBytes(UTF_8)).addNull().addUnchanged().build();
    assertThat(update.withUnchangedFrom(old)).isEqualTo(Tuple.of("1", null, "long text"));
    assertThat(old.withUnchangedFrom(update)).isSameAs(old);
  }

  @Test
  void anLsnHasThreeForms() {
    assertThat(Lsn.parse("16/B374D848")).isEqualTo(0x16B374D848L);
    assertThat(Lsn.format(0x16B374D848L)).isEqualTo("16/B374D848");
    assertThat(Lsn.format(-1)).isEqualTo("FFFFFFFF/FFFFFFFF");
    assertThat(Lsn.decimal(-1)).isEqualTo("18446744073709551615");
  }

  private static List<LogEntry> decode(byte[] entries) {
    List<LogEntry> decoded = new ArrayList<>();
    EntryCodec.decode(ByteBuffer.wrap(entries), _ -> RELATION, decoded::add);
    return decoded;
  }

  @Test
  void anUnchangedValueIsTakenFromTheWholeOldRowAndNeverFromAKey() {
    Tuple row = new Tuple.Builder(3).add(new byte[] {'b'}).addUnchanged().addUnchanged().build();
    Relation keyed = new Relation(9, 16_385, "public", "messages", "d", RELATION.columns());

    // Nothing of the old row is written twice.
    Output output = new Output(16);
    EntryCodec.encode(output, new Update(RELATION, Tuple.of("a", null, "x".repeat(1_000)), row));
    assertThat(output.length()).isLessThan(1_100);
    assertThat(decoded(output, RELATION).row()).isEqualTo(Tuple.of("b", null, "x".repeat(1_000)));

    output.truncate(0);
    EntryCodec.encode(output, new Update(keyed, Tuple.of("a", null, null), row));
    assertThat(decoded(output, keyed).row()).isEqualTo(row);
  }

  private static Update decoded(Output output, Relation relation) {
    List<LogEntry> entries = new ArrayList<>();
    EntryCodec.decode(ByteBuffer.wrap(output.toArray()), _ -> relation, entries::add);
    return (Update) entries.getFirst();
  }
}
