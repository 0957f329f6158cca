package dev.penstock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.Headers;
import dev.penstock.contracts.log.LogEvent;
import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.Transaction;
import dev.penstock.stack.TestStack;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/// What `GET /txids/{txid}` says, against what log, topics and shape hold.
///
/// `-Dpenstock.tracer.transactions=1000` for the longer form, `-Dpenstock.tracer.seed` to repeat
/// one.
@Timeout(900)
class TxidTracerTest {
  private static final int TRANSACTIONS = Integer.getInteger("penstock.tracer.transactions", 100);
  private static WholeWay way;
  private static Api alice;
  private static Api bob;
  private static Api operator;

  @BeforeAll
  static void start() throws Exception {
    way =
        new WholeWay(
            "--bridge-progress-interval=200ms",
            "--command-txid-timeout=20s",
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

  private enum Kind {
    QUESTION,
    CONVERSATION,
    NO_OP,
    ROLLED_BACK,
    OTHERS,
    OUTSIDE
  }

  private record Sent(Kind kind, long txid, long sentMillis) {}

  @Test
  void theAnswerForEachOfManyRandomTransactionsIsWhatLogTopicsAndShapeHold() throws Exception {
    long seed = Long.getLong("penstock.tracer.seed", System.nanoTime());
    System.out.println("seed: " + seed);
    Random random = new Random(seed);
    UUID conversation = alice.createConversation("alice's");
    UUID others = bob.createConversation("bob's");
    UUID bobsQuestion = UUID.randomUUID();
    bob.ask(others, bobsQuestion, UUID.randomUUID(), "bob's");
    // Not timed: what is used for the first time is slow.
    for (int i = 0; i < 20; i++) {
      arrived(alice, alice.ask(conversation, UUID.randomUUID(), UUID.randomUUID(), "warm"));
    }
    List<Sent> sent = new ArrayList<>();
    Map<Long, JsonNode> answers = new HashMap<>();
    try (LiveShape live = new LiveShape(alice, conversation);
        Connection database = DriverManager.getConnection(way.database, "postgres", "")) {
      database.setAutoCommit(false);
      for (int i = 0; i < TRANSACTIONS; i++) {
        Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
        long at = System.currentTimeMillis();
        long txid =
            switch (kind) {
              case QUESTION ->
                  alice.ask(conversation, UUID.randomUUID(), UUID.randomUUID(), "q" + i);
              case CONVERSATION -> txid(alice.post("/conversations", newConversation()));
              case OTHERS -> bob.ask(others, UUID.randomUUID(), UUID.randomUUID(), "b" + i);
              case NO_OP -> command(database, true, null);
              case ROLLED_BACK -> command(database, false, null);
              case OUTSIDE -> command(database, true, bobsQuestion);
            };
        sent.add(new Sent(kind, txid, at));
      }
      for (Sent one : sent) {
        JsonNode answer = check(one);
        if (answer != null) {
          answers.put(one.txid(), answer);
        }
      }
      verifyAgainstLog(answers);
      verifyAgainstTopics(answers);
      verifyLatency(sent, answers, live.seen());
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
  void onlyOperatorsSeeWhatIsInProgress() throws Exception {
    try (Connection database = DriverManager.getConnection(way.database, "postgres", "")) {
      database.setAutoCommit(false);
      long txid = openCommand(database);
      assertUnknown(alice, txid);
      assertThat(operator.get("/txids/" + txid).body())
          .isEqualTo("{\"txid\":%d,\"state\":\"in-progress\",\"steps\":[]}".formatted(txid));
      database.rollback();
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

  private static Instant at(JsonNode answer, int step) {
    return Instant.parse(answer.get("steps").get(step).get("at").asString());
  }

  private static void verifyAgainstLog(Map<Long, JsonNode> answers) {
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
    answers.forEach((txid, answer) -> {
      Transaction transaction = Objects.requireNonNull(log.get(txid), "not in the log");
      assertThat(answer.at("/steps/1/offset").asLong()).isEqualTo(transaction.firstOffset());
      assertThat(answer.at("/steps/1/commitLsn").asString())
          .isEqualTo(Long.toUnsignedString(transaction.commitLsn()));
      assertThat(at(answer, 0))
          .isEqualTo(Instant.ofEpochSecond(0, transaction.commitMicros() * 1_000));
    });
  }

  private static void verifyAgainstTopics(Map<Long, JsonNode> answers) {
    Map<Long, Map<String, Long>> first = new HashMap<>();
    Map<String, Object> config =
        Map.of(
            "bootstrap.servers",
            TestStack.bootstrapServers(),
            "isolation.level",
            "read_committed",
            "auto.offset.reset",
            "earliest");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = new ArrayList<>();
      for (String topic :
          List.of(
              way.topics.questions(),
              way.topics.table("public", "messages"),
              way.topics.table("public", "conversations"))) {
        for (int partition = 0; partition < 12; partition++) {
          partitions.add(new TopicPartition(topic, partition));
        }
      }
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream()
          .anyMatch(p -> consumer.position(p) < Objects.requireNonNull(ends.get(p)))) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          first
              .computeIfAbsent(
                  Long.valueOf(Headers.text(record.headers(), Headers.TXID)),
                  txid -> new LinkedHashMap<>())
              .putIfAbsent(record.topic() + "-" + record.partition(), record.offset());
        }
      }
    }
    answers.forEach((txid, answer) -> {
      Map<String, Long> said = new HashMap<>();
      answer
          .at("/steps/2/records")
          .valueStream()
          .forEach(record ->
              said.put(
                  record.get("topic").asString() + "-" + record.get("partition").asInt(),
                  record.get("offset").asLong()));
      assertThat(said).as("txid %d", txid).isEqualTo(first.get(txid));
    });
  }

  /// From the client's POST to the row's arrival at its live shape, by its own clock: the steps lie
  /// within, in order, so that with the client's own hops before and behind them they add up to it.
  private static void verifyLatency(
      List<Sent> sent, Map<Long, JsonNode> answers, Map<Long, Long> seen) {
    double measured = 0;
    double[] hops = new double[5];
    int count = 0;
    for (Sent one : sent) {
      if (one.kind() != Kind.QUESTION) {
        continue;
      }
      JsonNode answer = Objects.requireNonNull(answers.get(one.txid()));
      await().atMost(Duration.ofSeconds(20)).until(() -> seen.containsKey(one.txid()));
      double[] times = {
        one.sentMillis(),
        millis(Instant.parse(answer.get("begun").asString())),
        millis(at(answer, 0)),
        millis(at(answer, 1)),
        millis(at(answer, 3)),
        Objects.requireNonNull(seen.get(one.txid()))
      };
      for (int i = 0; i < hops.length; i++) {
        hops[i] += Math.max(0, times[i + 1] - times[i]);
      }
      measured += times[5] - times[0];
      count++;
    }
    double sum = Arrays.stream(hops).sum();
    System.out.printf(
        "%d questions, means in ms: measured %.2f, hops %.2f = request %.2f + commit %.2f + log %.2f + release %.2f + client %.2f%n",
        count,
        measured / count,
        sum / count,
        hops[0] / count,
        hops[1] / count,
        hops[2] / count,
        hops[3] / count,
        hops[4] / count);
    assertThat(sum).isCloseTo(measured, within(0.05 * measured));
  }

  private static double millis(Instant instant) {
    return instant.getEpochSecond() * 1e3 + instant.getNano() / 1e6;
  }

  private static Map<String, Object> newConversation() {
    return Map.of("id", UUID.randomUUID(), "title", "t");
  }

  private static long txid(HttpResponse<String> response) {
    return Api.JSON.readTree(response.body()).get("txid").asLong();
  }

  private static long command(Connection database, boolean commit, @Nullable UUID changed)
      throws SQLException {
    long txid = openCommand(database);
    if (changed != null) {
      try (var update = database.prepareStatement("update messages set error = ? where id = ?")) {
        update.setString(1, "t" + txid);
        update.setObject(2, changed);
        update.executeUpdate();
      }
    }
    if (commit) {
      database.commit();
    } else {
      database.rollback();
    }
    return txid;
  }

  private static long openCommand(Connection database) throws SQLException {
    try (var insert =
            database.prepareStatement(
                "insert into commands (kind, request_id, owner, txid, body_hash)"
                    + " values ('retry', gen_random_uuid(), 'alice', pg_current_xact_id(), '')");
        var read = database.prepareStatement("select pg_current_xact_id()::xid::text::bigint")) {
      insert.executeUpdate();
      try (var row = read.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }
}
