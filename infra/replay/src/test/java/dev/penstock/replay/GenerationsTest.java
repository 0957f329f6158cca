package dev.penstock.replay;

import static dev.penstock.replay.Histories.conversation;
import static dev.penstock.replay.Histories.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.contracts.log.LogEvent;
import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.Lsn;
import dev.penstock.contracts.log.Transaction;
import dev.penstock.stack.PostgresServer;
import dev.penstock.stack.TestStack;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A history whose places are known one by one, of two databases: the second one has lower LSNs, a
/// txid that the first one had, too, and some of its rows.
class GenerationsTest {
  private static final UUID ONE = new UUID(1, 1);
  private static final UUID TWO = new UUID(2, 2);

  @TempDir private static Path directory;
  private static PostgresServer second;
  private static TestArchive archive;

  /// Those that changed rows, in order: three, the second database's snapshot, and two.
  private static final List<Transaction> ALL = new ArrayList<>();

  /// The messages, after each transaction of the first database.
  private static final List<String> WAS = new ArrayList<>();

  @BeforeAll
  static void write() throws Exception {
    second = PostgresServer.start(directory.resolve("second"), 0);
    archive = new TestArchive();
    TestArchive.run(archive.source, "select pg_switch_wal()", "create table x ()");
    TestArchive.run(archive.source, "select pg_switch_wal()");
    // More transactions than the second database has had.
    Histories.burn(archive, 300);
    archive.commit(
        conversation(ONE), conversation(TWO), message(1, ONE, "a"), message(2, TWO, "b"));
    was();
    long repeated =
        archive.commit(
            "update messages set content = content || '+'",
            "delete from messages where content = 'b+'",
            message(3, TWO, "c"));
    was();
    archive.commit("truncate messages", message(3, TWO, "d"), message(4, ONE, "e"));
    was();
    archive.awaitRouted();
    second.createDatabase("second");
    archive.moveTo(second.jdbcUrl("second"));
    // Of the first one's: a row as it was, a changed one, one that is missing; and a new one.
    archive.commit(
        conversation(ONE), conversation(TWO), message(3, TWO, "d"), message(5, ONE, "new"));
    archive.startBridge();
    archive.awaitMoved();
    archive.commit("update conversations set title = 'second' where id = '" + ONE + "'");
    archive.awaitRouted();
    Histories.burn(archive, (int) (repeated - 1 - Histories.txid(archive)));
    assertThat(archive.commit(message(6, TWO, "f"), "delete from messages where content = 'd'"))
        .isEqualTo(repeated);
    archive.awaitRouted();
    read();
  }

  private static void was() throws Exception {
    WAS.add(messages(archive.source));
  }

  private static String messages(Connection connection) throws Exception {
    return Objects.requireNonNull(
        TestArchive.text(
            connection,
            "select coalesce(string_agg(id || content, ',' order by id), '') from messages"));
  }

  private static void read() {
    try (LogReader reader = LogReader.fromBeginning(archive.kafka(), archive.topics.log())) {
      long end = reader.endOffset();
      while (reader.nextOffset() < end) {
        for (LogEvent event : reader.poll(Duration.ofMillis(100))) {
          if (event instanceof Transaction transaction && transaction.entries() > 0) {
            ALL.add(transaction);
          }
        }
      }
    }
    ALL.removeIf(transaction -> {
      boolean[] rows = {false};
      transaction.forEach(
          entry -> rows[0] |= entry instanceof dev.penstock.contracts.log.LogEntry.RowChange);
      return !rows[0];
    });
    assertThat(ALL).hasSize(6);
    assertThat(ALL.get(3).snapshot()).isTrue();
    assertThat(ALL.get(3).commitLsn()).isLessThan(ALL.getFirst().commitLsn());
    assertThat(ALL.get(5).txid()).isEqualTo(ALL.get(1).txid());
  }

  @AfterAll
  static void stop() {
    archive.close();
    second.close();
  }

  /// Which of [#ALL] are taken, as digits.
  private static String taken(String... options) {
    List<String> all = new ArrayList<>(List.of("--into", "-"));
    all.addAll(List.of(options));
    TestArchive.Ran ran = archive.replay(all.toArray(String[]::new));
    assertThat(ran.code()).as(ran.err()).isZero();
    LinkedHashSet<String> taken = new LinkedHashSet<>();
    ran.out()
        .lines()
        .forEach(line -> {
          JsonNode json = Change.JSON.readTree(line);
          for (int i = 0; i < ALL.size(); i++) {
            if (Lsn.decimal(ALL.get(i).commitLsn()).equals(json.path("commitLsn").asString())) {
              taken.add(Integer.toString(i));
            }
          }
        });
    return String.join("", taken);
  }

  private static String lsn(int i) {
    return "lsn:" + Lsn.format(ALL.get(i).commitLsn());
  }

  private static String offset(int i, int more) {
    return "offset:" + (ALL.get(i).state().nextOffset() - 1 + more);
  }

  private static String time(int i, int more) {
    return "time:" + Instant.EPOCH.plus(ALL.get(i).commitMicros() + more, ChronoUnit.MICROS);
  }

  private static String txid(int i) {
    return "txid:" + ALL.get(i).txid();
  }

  @Test
  void bothBoundsAreInclusiveInEachGeneration() {
    assertThat(taken()).isEqualTo("012345");
    assertThat(taken("--from", txid(2), "--to", txid(2))).isEqualTo("2");
    assertThat(taken("--from", txid(2), "--to", txid(4))).isEqualTo("234");
    assertThat(taken("--to", lsn(1))).isEqualTo("01");
    assertThat(taken("--from", lsn(1), "--to", lsn(3))).isEqualTo("123");
    assertThat(taken("--from", lsn(4))).isEqualTo("45");
    assertThat(taken("--from", offset(1, 0), "--to", offset(1, 0))).isEqualTo("1");
    assertThat(taken("--from", offset(2, 0), "--to", offset(5, 0))).isEqualTo("2345");
    assertThat(taken("--from", time(1, 0), "--to", time(1, 0))).isEqualTo("1");
    assertThat(taken("--from", time(2, 0), "--to", time(4, 0))).isEqualTo("234");
    assertThat(taken("--from", txid(0), "--to", time(3, 0))).isEqualTo("0123");
  }

  @Test
  void oneBeforeAndOneBehindABoundAreOutside() {
    assertThat(taken("--from", offset(1, 1))).isEqualTo("2345");
    assertThat(taken("--to", offset(1, -1))).isEqualTo("0");
    // Within the last transaction of one, and in front of the first one of the other.
    assertThat(taken("--to", offset(3, -1))).isEqualTo("012");
    assertThat(taken("--from", time(1, 1))).isEqualTo("2345");
    assertThat(taken("--to", time(2, -1))).isEqualTo("01");
  }

  @Test
  void aNameThatTwoTransactionsHaveIsRefused() {
    TestArchive.Ran ran = archive.replay("--into", "-", "--to", txid(1));
    assertThat(ran.err()).contains("has 2 transactions that are " + txid(1)).contains("by offset");
    assertThat(ran.code()).isEqualTo(1);
  }

  @Test
  void anEndBeforeTheBeginningIsRefused() {
    assertThat(archive.replay("--into", "-", "--from", txid(2), "--to", lsn(1)).err())
        .contains("--to " + lsn(1) + " lies before --from " + txid(2));
    assertThat(archive.replay("--into", "-", "--from", time(2, 0), "--to", time(1, 0)).err())
        .contains("lies before --from time:");
    TestArchive.Ran ran = archive.replay("--into", "-", "--from", lsn(4), "--to", lsn(2));
    assertThat(ran.err()).contains("--to " + lsn(2) + " lies before --from " + lsn(4));
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.out()).isEmpty();
  }

  @Test
  void aCopyThatGoesOnFromPlaceToPlaceIsEachTimeWhatTheTablesWere() throws Exception {
    String copy = TestStack.newDatabase();
    for (int i = 0; i < WAS.size(); i++) {
      assertThat(archive.replay("--to", lsn(i), "--into", copy).code()).isZero();
      try (Connection connection = TestArchive.connect(copy)) {
        assertThat(messages(connection)).isEqualTo(WAS.get(i));
      }
    }

    // When it goes on into the second generation
    TestArchive.Ran ran = archive.replay("--into", copy, "--verify", archive.url);

    // Then
    assertThat(ran.err()).contains("The tables are equal.").contains("Going on");
    assertThat(ran.code()).isZero();
    String whole = TestStack.newDatabase();
    assertThat(archive.replay("--into", whole, "--verify", archive.url).code()).isZero();
  }

  @Test
  void aConversationIsShownAsItWasInEachGeneration() {
    assertThat(contents(lsn(0), ONE)).containsExactly("a");
    assertThat(contents(lsn(1), ONE)).containsExactly("a+");
    assertThat(contents(lsn(1), TWO)).containsExactly("c");
    assertThat(contents(lsn(2), ONE)).containsExactly("e");
    assertThat(contents(lsn(3), ONE)).containsExactly("new");
    assertThat(contents(lsn(3), TWO)).containsExactly("d");
    assertThat(contents(lsn(5), TWO)).containsExactly("f");
  }

  private static List<String> contents(String to, UUID conversation) {
    TestArchive.Ran ran =
        archive.replay(
            "--to", to,
            "--table", "messages",
            "--where", "conversation_id=" + conversation,
            "--as", "rows",
            "--into", "-");
    return ran.out()
        .lines()
        .map(line -> Change.JSON.readTree(line).path("row").path("content").asString())
        .toList();
  }

  @Test
  void onlyTheRowsAndTablesThatAreAskedForAreTaken() {
    assertThat(taken("--table", "conversations")).isEqualTo("04");
    // The snapshot deletes a row of which it has the key only: it may have been one of these.
    assertThat(taken("--table", "public.messages", "--where", "content=c")).isEqualTo("123");
    assertThat(taken("--where", "messages.content=f", "--where", "conversations.title=second"))
        .isEqualTo("2345");
    assertThat(taken("--table", "messages,conversations", "--from", lsn(4))).isEqualTo("45");
    // A row that is wanted no longer is gone.
    String out =
        archive
            .replay("--into", "-", "--as", "rows", "--to", lsn(1), "--where", "messages.content=a")
            .out();
    assertThat(out.lines().filter(line -> line.contains("public.messages"))).isEmpty();
  }

  @Test
  void aDryRunSaysWhatItWouldTakeAndWritesNothing() throws Exception {
    // Given
    Path file = directory.resolve("dry.json");
    String copy = TestStack.newDatabase();
    String topic = "dry-" + archive.topics.prefix();

    // When
    for (String into : List.of(file.toString(), copy, topic)) {
      TestArchive.Ran ran = archive.replay("--dry-run", "--into", into, "--to", lsn(0));
      assertThat(ran.err()).contains("4 changes would be taken").contains("public.messages: 2");
      assertThat(ran.code()).isZero();
    }

    // Then
    nothing(file, copy, topic);
  }

  @Test
  void whatCannotBeMeantIsRefusedBeforeAnythingIsWritten() throws Exception {
    // Given
    Path file = directory.resolve("refused.json");
    String copy = TestStack.newDatabase();
    String topic = "refused-" + archive.topics.prefix();

    // When
    for (String into : List.of(file.toString(), copy, topic)) {
      refused("--from yesterday: say beginning, time:", "--into", into, "--from", "yesterday");
      refused("--to txid:: say end", "--into", into, "--to", "txid:");
      refused("--to txid:-1: say end", "--into", into, "--to", "txid:-1");
      refused("--to txid:4294967296: say", "--into", into, "--to", "txid:4294967296");
      refused("--from lsn:0/x: say", "--into", into, "--from", "lsn:0/x");
      refused("--from offset:1.5: say", "--into", into, "--from", "offset:1.5");
      refused("--to time:12:00: say", "--into", into, "--to", "time:12:00");
      refused("--where content: say column=value", "--into", into, "--where", "content");
      refused("--where =x: say column=value", "--into", into, "--where", "=x");
      refused("--table mesages: the archive has no", "--into", into, "--table", "mesages");
      refused("--where a.b=c: the archive has no", "--into", into, "--where", "a.b=c");
      refused("'--as': expected one of [changes, rows]", "--into", into, "--as", "tables");
    }
    refused("--into: say where to");
    refused("--as rows goes into a file", "--into", copy, "--as", "rows");
    refused("--as rows goes into a file", "--into", topic, "--as", "rows");
    refused("--as rows shows an end", "--into", "-", "--as", "rows", "--follow");
    refused("--questions: events have no table", "--into", copy, "--questions");
    refused("--questions has no tables", "--into", topic, "--questions", "--table", "messages");
    refused("--merge is about tables", "--into", file.toString(), "--merge");
    refused("--verify compares databases", "--into", topic, "--verify", archive.url);
    refused("--verify x: the url of a Postgres", "--into", copy, "--verify", "x");
    refused("--verify compares whole", "--into", copy, "--verify", copy, "--where", "content=c");
    refused("--verify compares at an end", "--into", copy, "--verify", copy, "--follow");
    refused("--into jdbc:mysql://x: the url of a Postgres", "--into", "jdbc:mysql://x?password=y");
    refused("--into a b: say a jdbc:postgresql: url", "--into", "a b");
    refused("belongs to the bridge", "--into", archive.topics.log());
    refused("Unknown option: '--nonsense'", "--into", copy, "--nonsense");
    for (String bound : List.of("txid:4294967295", "lsn:0/1", "offset:99999999")) {
      for (String into : List.of(file.toString(), copy, topic)) {
        TestArchive.Ran ran = archive.replay("--into", into, "--to", bound);
        assertThat(ran.err())
            .containsIgnoringCase("no transaction in")
            .contains(bound.substring(7));
        assertThat(ran.code()).isEqualTo(1);
      }
    }

    // Then
    nothing(file, copy, topic);
  }

  private static void refused(String reason, String... options) {
    TestArchive.Ran ran = archive.replay(options);
    assertThat(ran.err()).contains(reason).doesNotContain("password");
    assertThat(ran.code()).as(ran.err()).isEqualTo(2);
    assertThat(ran.out()).isEmpty();
  }

  private static void nothing(Path file, String copy, String topic) throws Exception {
    assertThat(Files.exists(file)).isFalse();
    try (Connection connection = TestArchive.connect(copy);
        Archive admin = archive.archive()) {
      assertThat(
              TestArchive.text(
                  connection, "select count(*) from pg_class where relnamespace = 2200"))
          .isEqualTo("0");
      assertThat(admin.admin().listTopics().names().get()).doesNotContain(topic);
    }
  }
}
