package dev.penstock.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.stack.TestStack;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Random histories of a real database; the seed is printed, and taken from
/// `-Dpenstock.replay.seed`.
class ReplayTest {
  private static final long SEED = Long.getLong("penstock.replay.seed", System.nanoTime());
  private static final Random RANDOM = new Random(SEED);

  private static TestArchive archive;

  @BeforeAll
  static void start() throws Exception {
    System.out.println("ReplayTest: -Dpenstock.replay.seed=" + SEED);
    archive = new TestArchive(Histories.ddl(""));
    Histories.typed(archive);
    Histories.random(archive, RANDOM, 100);
    UUID conversation = UUID.randomUUID();
    archive.commit(
        "insert into conversations values ('" + conversation + "', 'big', 'text')",
        "insert into messages select gen_random_uuid(), '%s', 'user', 'completed', repeat(md5(random()::text), 32768), null, null, now(), now()"
            .formatted(conversation));
    archive.commit(
        "update messages set status = 'failed' where conversation_id = '" + conversation + "'");
    archive.awaitRouted();
  }

  @AfterAll
  static void stop() {
    archive.close();
  }

  private static String copy() throws Exception {
    String url = TestStack.newDatabase();
    try (Connection connection = TestArchive.connect(url)) {
      TestArchive.run(connection, Histories.types().toArray(String[]::new));
    }
    return url;
  }

  @Test
  void anEmptyDatabaseIsRebuiltEqualRowForRow() throws Exception {
    // Given
    String copy = copy();

    // When
    TestArchive.Ran ran = archive.replay("--into", copy, "--verify", archive.url);

    // Then
    assertThat(ran.err()).contains("The tables are equal.").doesNotContain("differs");
    assertThat(ran.code()).isZero();
    try (Connection connection = TestArchive.connect(copy)) {
      assertThat(TestArchive.text(connection, "select max(length(content)) from messages"))
          .isEqualTo(Integer.toString(1 << 20));
      // When a row is another one
      TestArchive.run(connection, "update typed set \"c 3\" = 8 where id = 0");
    }

    // Then it is seen, and a second run takes nothing
    TestArchive.Ran again = archive.replay("--into", copy, "--verify", archive.url);
    assertThat(again.err()).contains("0 changes were taken").contains("NOT equal");
    assertThat(again.code()).isEqualTo(3);
  }

  @Test
  void aRunThatIsKilledAgainAndAgainEndsEqual() throws Exception {
    // Given
    String copy = copy();
    List<String> report = new ArrayList<>();

    // When
    int kills = killed(() -> jdbc(copy));

    // Then
    assertThat(kills).isGreaterThanOrEqualTo(3);
    assertThat(archive.equals(copy, report)).as("%s", report).isTrue();
  }

  @Test
  void aFileHasEveryChangeOnceHoweverOftenItsWriterDies(@TempDir Path directory) throws Exception {
    // Given
    Path whole = directory.resolve("whole.json");
    Path file = directory.resolve("killed.json");
    assertThat(archive.replay("--into", whole.toString()).code()).isZero();

    // When
    int kills =
        killed(() -> {
          if (Files.exists(file)) {
            // A torn line.
            Files.writeString(file, "{\"txid\":1,", java.nio.file.StandardOpenOption.APPEND);
          }
          return new FileTarget(file);
        });

    // Then
    assertThat(kills).isGreaterThanOrEqualTo(3);
    assertThat(changes(file)).isEqualTo(changes(whole)).hasSizeGreaterThan(200);
  }

  @Test
  void aTopicHasEveryRecordOnceHoweverOftenItsWriterDies() throws Exception {
    // Given
    String topic = "copy-of-" + archive.topics.prefix();

    // When
    try (Archive admin = archive.archive()) {
      int kills =
          killed(() -> new TopicTarget(archive.kafka(), admin.admin(), topic, topic + ".job"));
      assertThat(kills).isGreaterThanOrEqualTo(3);
    }

    // Then
    Map<String, Integer> copied = Records.counted(archive, List.of(topic));
    assertThat(copied).isEqualTo(Records.counted(archive, Records.tables(archive)));
    assertThat(copied).hasSizeGreaterThan(200);
  }

  @Test
  void aConversationIsShownAsItWasAfterATransaction() throws Exception {
    // Given
    UUID id = UUID.randomUUID();
    archive.commit("insert into conversations values ('" + id + "', 'me', 'then')");
    String insert =
        "insert into messages values ('%s', '%s', 'user', 'completed', '%s', null, null, now(), now())";
    UUID first = UUID.randomUUID();
    UUID second = UUID.randomUUID();
    archive.commit(insert.formatted(first, id, "one"), insert.formatted(second, id, "two"));
    long txid =
        archive.commit(
            "update messages set content = 'edited' where id = '" + first + "'",
            "delete from messages where id = '" + second + "'");
    long later = archive.commit("update messages set content = 'later' where id = '" + first + "'");
    archive.awaitRouted();

    // When
    TestArchive.Ran then = at(txid, id);
    TestArchive.Ran now = at(later, id);
    TestArchive.Ran before =
        archive.replay(
            "--to",
            "txid:" + (txid - 1),
            "--table",
            "messages",
            "--where",
            "conversation_id=" + id,
            "--as",
            "rows",
            "--into",
            "-");

    // Then
    assertThat(then.out().lines()).hasSize(1).allMatch(row -> row.contains("\"edited\""));
    assertThat(now.out().lines()).hasSize(1).allMatch(row -> row.contains("\"later\""));
    assertThat(before.out().lines()).hasSize(2);
    assertThat(then.code()).isZero();
  }

  private static TestArchive.Ran at(long txid, UUID conversation) {
    return archive.replay(
        "--to", "txid:" + txid,
        "--table", "messages",
        "--where", "conversation_id=" + conversation,
        "--as", "rows",
        "--into", "-");
  }

  @Test
  void aBadArgumentIsAnsweredByASentence() {
    assertThat(archive.replay("--into", "x", "--from", "yesterday").err())
        .contains("--from yesterday: say beginning, time:");
    assertThat(archive.replay("--nonsense").code()).isEqualTo(2);
    assertThat(archive.replay().err()).contains("--into: say where to");
    assertThat(archive.replay("--into", archive.topics.log()).err())
        .contains("belongs to the bridge");
    assertThat(archive.replay("--to", "txid:4294967295", "--into", "-").err())
        .contains("No transaction in the archive");
    assertThat(archive.replay("--into", archive.url).err())
        .contains("has rows that no replay wrote");
    assertThat(archive.replay("--into", "jdbc:postgresql://localhost:1/x").err())
        .contains("cannot be used");
    assertThat(archive.replay("--help").out()).contains("replay --into jdbc:postgresql:");
    assertThat(archive.replay("--dry-run").code()).isZero();
  }

  @Test
  void whatFollowsALiveTailMissesNothingAndRepeatsNothing() throws Exception {
    // Given
    String copy = copy();
    CountDownLatch stop = new CountDownLatch(1);
    List<String> report = new ArrayList<>();
    try (Archive source = archive.archive()) {
      CompletableFuture<Void> follower =
          CompletableFuture.runAsync(() -> {
            try (Target target = jdbc(copy)) {
              replay(source, target, true, stop).run();
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          });

      // When
      Histories.random(archive, RANDOM, 40);

      // Then
      try {
        org.awaitility.Awaitility.await()
            .atMost(TestArchive.PATIENCE)
            .untilAsserted(() -> {
              report.clear();
              assertThat(follower.isCompletedExceptionally()).isFalse();
              assertThat(archive.equals(copy, report)).as("%s", report).isTrue();
            });
      } finally {
        stop.countDown();
        follower.join();
      }
    }
  }

  private static Target jdbc(String url) throws Exception {
    return new JdbcTarget(
        TestArchive.connect(url),
        "replay",
        false,
        new MissingTables(archive.kafka(), archive.topics.log()));
  }

  private static Replay replay(Archive source, Target target, boolean follow, CountDownLatch stop) {
    Replay.Plan plan =
        new Replay.Plan(
            new Bound.Open(), new Bound.Open(), new Filter(List.of(), List.of()), false, follow);
    return new Replay(
        source,
        plan,
        BoundPlaces.Places.NONE,
        target,
        new ReplayProgress(System.out, false),
        40,
        stop);
  }

  private interface Opening {
    Target open() throws Exception;
  }

  private static final class Killed extends RuntimeException {}

  /// Dies at a random record or commit, like a process that is killed, until it comes through.
  private static int killed(Opening opening) throws Exception {
    for (int kills = 0; ; kills++) {
      int[] left = {kills < 4 ? 60 + RANDOM.nextInt(80) : Integer.MAX_VALUE};
      try (Archive source = archive.archive();
          Target target = opening.open()) {
        replay(source, new Mortal(target, left), false, new CountDownLatch(1)).run();
        return kills;
      } catch (Killed e) {
        // The next run goes on.
      }
    }
  }

  /// Commits often, so that there is something to go on from.
  @SuppressWarnings("ArrayRecordComponent") // a counter
  private record Mortal(Target target, int[] left) implements Target {
    @Override
    public Optional<Position> position() {
      return target.position();
    }

    @Override
    public void accept(ArchiveRecord record, Replayed change) {
      if (left[0]-- == 0) {
        throw new Killed();
      }
      target.accept(record, change);
    }

    @Override
    public void commit(Position position) {
      target.commit(position);
    }

    @Override
    public void close() {}
  }

  private static List<String> changes(Path file) throws Exception {
    List<String> changes = new ArrayList<>();
    Set<String> unique = new HashSet<>();
    for (String line : Files.readAllLines(file)) {
      JsonNode json = Change.JSON.readTree(line);
      if (!json.has("position")) {
        changes.add(line);
        String place =
            json.path("commitLsn") + " " + json.path("seq") + json.path("op") + json.path("table");
        assertThat(unique.add(place) || json.path("op").asString().equals("t")).as(place).isTrue();
      }
    }
    return changes;
  }
}
