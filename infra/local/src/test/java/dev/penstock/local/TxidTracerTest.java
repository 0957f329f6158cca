package dev.penstock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.Topics;
import dev.penstock.contracts.log.LogEvent;
import dev.penstock.contracts.log.LogOrigin;
import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.LogTopic;
import dev.penstock.contracts.log.LogWriter;
import dev.penstock.contracts.log.Transaction;
import dev.penstock.local.TracedCommands.Kind;
import dev.penstock.local.TracedCommands.Sent;
import dev.penstock.shapes.ShapesApplication;
import dev.penstock.stack.ChildJvm;
import dev.penstock.stack.PostgresServer;
import dev.penstock.stack.TestStack;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What `GET /txids/{txid}` says, against what log, topics and shape hold.
///
/// `-Dpenstock.tracer.transactions=1000` for the longer form, `-Dpenstock.tracer.seed` to repeat
/// one.
@Timeout(900)
class TxidTracerTest {
  private static final int TRANSACTIONS = Integer.getInteger("penstock.tracer.transactions", 30);
  private static WholeWay way;
  private static int second;
  private static int third;
  private static Api alice;
  private static Api bob;
  private static Api operator;

  @BeforeAll
  static void start() throws Exception {
    int shapes = PenstockProcess.freePort();
    second = PenstockProcess.freePort();
    third = PenstockProcess.freePort();
    way =
        new WholeWay(
            "--shapes-port=" + shapes,
            // Of three, of which only one runs.
            "--command-shapes-urls=http://127.0.0.1:%d,http://127.0.0.1:%d,http://127.0.0.1:%d"
                .formatted(shapes, second, third),
            "--bridge-progress-interval=200ms",
            "--command-txid-timeout=20s",
            // A busy machine is not what is tested.
            "--command-connection-wait=15s",
            "--gateway-user-rate=100000",
            "--gateway-user-burst=100000",
            "--command-operator-claim=sub",
            "--command-operator-value=root");
    alice = Api.login(way.url, "alice");
    bob = Api.login(way.url, "bob");
    operator = Api.login(way.url, "root");
  }

  @AfterAll
  static void stop() {
    way.close();
  }

  @Test
  void theAnswerForEachOfManyRandomTransactionsIsWhatLogTopicsAndShapeHold() throws Exception {
    long seed = Long.getLong("penstock.tracer.seed", System.nanoTime());
    System.out.println("seed: " + seed);
    Random random = new Random(seed);
    try (TracedCommands commands = new TracedCommands(alice, bob, way.database);
        LiveShape live = new LiveShape(alice, commands.conversation);
        BareConsumer log = BareConsumer.of(new TopicPartition(way.topics.log(), 0));
        BareConsumer keyed = BareConsumer.ofCommitted(keyedPartitions())) {
      // Not timed: what is used for the first time is slow.
      for (int i = 0; i < 5; i++) {
        finish(commands.send(Kind.QUESTION), live);
      }
      List<Sent> sent = new ArrayList<>();
      for (int i = 0; i < TRANSACTIONS; i++) {
        Sent one = commands.send(random);
        sent.add(one);
        finish(one, live);
      }
      Map<Long, JsonNode> answers = new HashMap<>();
      for (Sent one : sent) {
        JsonNode answer = check(one);
        if (answer != null) {
          answers.put(one.txid(), answer);
        }
      }
      Map<Long, Transaction> transactions = transactions();
      verifyAgainstLog(answers, transactions);
      verifyAgainstTopics(answers, keyed);
      StepTimes times = new StepTimes();
      for (Sent one : sent) {
        if (one.kind() == Kind.QUESTION) {
          times.add(
              one,
              known(answers, one.txid()),
              known(log.times(), known(transactions, one.txid()).state().nextOffset() - 1),
              known(keyed.first(), one.txid()),
              known(live.seen(), one.txid()));
        }
      }
      times.verify();
    }
  }

  private static <V> V known(Map<Long, V> map, long key) {
    return Objects.requireNonNull(map.get(key), () -> "nothing is known of " + key);
  }

  /// Waits for the question's answer, so that nothing else is under way while the next is timed.
  private static void finish(Sent sent, LiveShape live) {
    if (sent.answer() != null) {
      await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(5))
          .until(() -> live.completed().contains(sent.answer()));
    }
  }

  private @Nullable JsonNode check(Sent one) {
    return switch (one.kind()) {
      case QUESTION, CONVERSATION -> {
        JsonNode answer = arrived(alice, one.txid());
        assertThat(statuses(answer)).containsExactly("done", "done", "done", "done");
        yield answer;
      }
      case NO_OP -> {
        JsonNode answer = settled(alice, one.txid());
        assertThat(answer.get("reason").asString()).isEqualTo("no-synced-row-changed");
        assertThat(statuses(answer)).containsExactly("done", "never", "never", "never");
        yield null;
      }
      case OUTSIDE -> {
        JsonNode answer = settled(alice, one.txid());
        assertThat(answer.get("reason").asString()).isEqualTo("outside-of-your-shapes");
        assertThat(statuses(answer)).containsExactly("done", "done", "done", "done");
        yield answer;
      }
      case ROLLED_BACK -> {
        assertUnknown(alice, one.txid());
        assertThat(Api.JSON.readTree(operator.get("/txids/" + one.txid()).body()).get("state"))
            .hasToString("\"aborted\"");
        yield null;
      }
      case OTHERS -> {
        assertUnknown(alice, one.txid());
        yield arrived(bob, one.txid());
      }
    };
  }

  @Test
  void ofSeveralShapeServersThoseThatAnswerMustHaveIt(@TempDir Path logs) throws Exception {
    UUID conversation = alice.createConversation("Three shape-servers");
    // Given two that are down
    JsonNode down = released(arrived(alice, ask(conversation)));
    assertThat(down.path("detail").asString()).isEqualTo("Do not answer: 2 of 3 shape-servers.");

    // When they run, and the log of one lacks what is committed
    try (ChildJvm behind = shapeServer(logs.resolve("behind"), second, emptyLog());
        ChildJvm other = shapeServer(logs.resolve("other"), third, way.topics.prefix())) {
      await()
          .atMost(Duration.ofSeconds(90))
          .pollInterval(Duration.ofMillis(500))
          .untilAsserted(() -> {
            JsonNode answer = Api.JSON.readTree(alice.get("/txids/" + ask(conversation)).body());
            assertThat(released(answer).path("detail").asString())
                .as(answer.toString())
                .isEqualTo("Have not released it yet: 1 of 3 shape-servers.");
            assertThat(answer.path("state").asString()).isEqualTo("on-its-way");
          });

      // Then it is there once that one is gone, whose clients go to the others
      assertThat(other.isRunning()).isTrue();
      behind.kill();
      JsonNode released = released(arrived(alice, ask(conversation)));
      assertThat(released.path("detail").asString())
          .isEqualTo("Do not answer: 1 of 3 shape-servers.");
      assertThat(released.has("at")).isTrue();
    }
  }

  /// The prefix of a log in which nothing is committed.
  private static String emptyLog() throws Exception {
    Map<String, Object> kafka = Map.of("bootstrap.servers", TestStack.bootstrapServers());
    Topics topics = new Topics(TestStack.newTopicPrefix() + "p");
    try (Admin admin = Admin.create(kafka)) {
      LogTopic.create(admin, topics.log(), (short) 1);
    }
    try (LogWriter writer = new LogWriter(kafka, topics.log())) {
      writer.claim("test");
      writer.open(new LogOrigin("a test", "1", 1, "db", "slot", "topic", 1, 0, 0));
      writer.flush();
    }
    return topics.prefix();
  }

  private static long ask(UUID conversation) {
    return alice.ask(conversation, UUID.randomUUID(), UUID.randomUUID(), "which one?");
  }

  private static JsonNode released(JsonNode answer) {
    return answer.at("/steps/3");
  }

  private static ChildJvm shapeServer(Path log, int port, String prefix) {
    return ChildJvm.start(
        ShapesApplication.class,
        log,
        List.of(
            "--penstock.shapes.port=" + port,
            "--penstock.shapes.database-url=" + PostgresServer.withoutUser(way.database),
            "--penstock.shapes.database-user=postgres",
            "--penstock.shapes.kafka-bootstrap-servers=" + TestStack.bootstrapServers(),
            "--penstock.shapes.topic-prefix=" + prefix,
            "--penstock.shapes.development=true"));
  }

  @Test
  void onlyOperatorsSeeWhatIsInProgress() throws Exception {
    try (TracedCommands commands = new TracedCommands(alice, bob, way.database)) {
      long txid = commands.open();
      assertUnknown(alice, txid);
      assertThat(operator.get("/txids/" + txid).body())
          .isEqualTo("{\"txid\":%d,\"state\":\"in-progress\",\"steps\":[]}".formatted(txid));
      commands.rollback();
    }
  }

  @Test
  void whatIsNoTxidIsRefused() {
    for (String path : List.of("4294967296", "-1", "1x", "99999999999999999999")) {
      assertThat(alice.get("/txids/" + path).statusCode()).as(path).isEqualTo(400);
    }
    assertUnknown(alice, 0);
    assertUnknown(operator, 4_294_967_295L);
  }

  private static void assertUnknown(Api caller, long txid) {
    HttpResponse<String> answer = caller.get("/txids/" + txid);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(404);
    assertThat(answer.body()).isEqualTo(alice.get("/txids/4000000000").body());
  }

  private static JsonNode arrived(Api caller, long txid) {
    JsonNode answer = settled(caller, txid);
    assertThat(answer.get("state").asString()).as(answer.toString()).isEqualTo("arrived");
    return answer;
  }

  private static JsonNode settled(Api caller, long txid) {
    return await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              HttpResponse<String> response = caller.get("/txids/" + txid);
              // 503 on a machine that is too busy: as the client, which comes again.
              assertThat(response.statusCode()).as(response.body()).isIn(200, 503);
              return Api.JSON.readTree(response.body());
            },
            answer -> !answer.path("state").asString("on-its-way").equals("on-its-way"));
  }

  private static List<String> statuses(JsonNode answer) {
    assertThat(answer.get("steps").valueStream().map(step -> step.get("step").asString()))
        .containsExactly("committed", "in-log", "in-topics", "released");
    return answer.get("steps").valueStream().map(step -> step.get("status").asString()).toList();
  }

  private static Map<Long, Transaction> transactions() {
    Map<Long, Transaction> log = new HashMap<>();
    try (LogReader reader =
        LogReader.fromBeginning(
            Map.of("bootstrap.servers", TestStack.bootstrapServers()), way.topics.log())) {
      long end = reader.endOffset();
      while (reader.nextOffset() < end) {
        for (LogEvent event : reader.poll(Duration.ofMillis(200))) {
          if (event instanceof Transaction transaction) {
            log.put(transaction.txid(), transaction);
          }
        }
      }
    }
    return log;
  }

  private static void verifyAgainstLog(Map<Long, JsonNode> answers, Map<Long, Transaction> log) {
    answers.forEach((txid, answer) -> {
      Transaction transaction = known(log, txid);
      assertThat(answer.at("/steps/1/offset").asLong()).isEqualTo(transaction.firstOffset());
      assertThat(answer.at("/steps/1/commitLsn").asString())
          .isEqualTo(Long.toUnsignedString(transaction.commitLsn()));
      assertThat(Instant.parse(answer.at("/steps/0/at").asString()))
          .isEqualTo(Instant.ofEpochSecond(0, transaction.commitMicros() * 1_000));
    });
  }

  private static List<TopicPartition> keyedPartitions() {
    return Stream.of(
            way.topics.questions(),
            way.topics.table("public", "messages"),
            way.topics.table("public", "conversations"))
        .flatMap(topic ->
            IntStream.range(0, Topics.KEYED_PARTITIONS)
                .mapToObj(partition -> new TopicPartition(topic, partition)))
        .toList();
  }

  private static void verifyAgainstTopics(Map<Long, JsonNode> answers, BareConsumer keyed) {
    answers.forEach((txid, answer) -> {
      Map<String, Long> said = new HashMap<>();
      answer
          .at("/steps/2/records")
          .valueStream()
          .forEach(record ->
              said.put(
                  record.get("topic").asString() + "-" + record.get("partition").asInt(),
                  record.get("offset").asLong()));
      Map<String, Long> read = new HashMap<>();
      known(keyed.first(), txid).forEach((place, seen) -> read.put(place, seen.offset()));
      assertThat(said).as("txid %d", txid).isEqualTo(read);
    });
  }
}
