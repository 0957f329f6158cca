package dev.penstock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import tools.jackson.databind.JsonNode;

/// Several of everything, each a process of its own: each is asked to end (SIGTERM), which no
/// client notices, and each is killed (SIGKILL), which loses nothing; in turn, under load.
///
/// The short form kills one of each service at 10 questions a second, and with
/// `-Dpenstock.replicas.rolling=true` ends one of each before; `-Dpenstock.replicas.all=true
/// -Dpenstock.replicas.rate=50 -Dpenstock.replicas.window=20` kills (and ends) every process at 50.
/// The longest gaps are printed. What clients notice needs a machine that has time for ten
/// programs.
@Timeout(1_200)
@TestMethodOrder(MethodOrderer.MethodName.class)
@DisabledIfEnvironmentVariable(named = "PENSTOCK_DATABASE_URL", matches = ".+")
class ReplicasTest {
  private static final int RATE = Integer.getInteger("penstock.replicas.rate", 10);
  private static final int WINDOW_SECONDS = Integer.getInteger("penstock.replicas.window", 3);
  private static final boolean ALL = Boolean.getBoolean("penstock.replicas.all");
  private static final int CONVERSATIONS = 10;
  private static final int LIVE = 6;
  private static final double STOP_SECONDS = 10;
  private static final double CONFIRMED_MILLIS = 5_000;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final Replicas REPLICAS = new Replicas();

  private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();
  private volatile boolean over;

  @AfterAll
  static void stop() {
    REPLICAS.close();
  }

  @Test
  @EnabledIfSystemProperty(named = "penstock.replicas.rolling", matches = "true")
  void aRollingRestartIsNoticedByNoClient() throws Exception {
    String url = REPLICAS.url();
    System.out.printf(
        Locale.ROOT, "ReplicasTest: ready after %.1f s%n", REPLICAS.sinceStart().toMillis() / 1e3);
    List<UUID> conversations = conversations(Api.login(url, "rolling"), LIVE);
    REPLICAS.awaitReady(Replicas.names(1));
    REPLICAS.awaitReady(Replicas.names(2));
    try (LiveClients clients =
        LiveClients.start(url, "rolling", 1_000 * LIVE / RATE, conversations)) {
      awaitConfirmed(clients, LIVE);
      List<String> victims = new ArrayList<>(Replicas.names(1));
      if (ALL) {
        victims.addAll(Replicas.names(2));
      } else {
        victims.set(victims.indexOf(Service.REPLICATION_BRIDGE.label() + "-1"), REPLICAS.leader());
      }
      Map<String, Double> took = new LinkedHashMap<>();
      for (String victim : victims) {
        int before = clients.confirmed().size();
        took.put(victim, REPLICAS.terminate(REPLICAS.process(victim)));
        if (ALL) {
          REPLICAS.awaitReady(List.of(victim));
        }
        awaitConfirmed(clients, ALL ? RATE * WINDOW_SECONDS : LIVE);
        double slowest =
            clients.confirmed().stream()
                .skip(before)
                .mapToDouble(LiveClients.Confirmed::millis)
                .max()
                .orElseThrow();
        System.out.printf(
            Locale.ROOT,
            "ReplicasTest: SIGTERM of %-22s ended after %5.2f s, slowest awaitTxId %5.2f s%n",
            victim,
            took.get(victim),
            slowest / 1e3);
      }
      JsonNode seen = clients.end();
      System.out.println("ReplicasTest: failures " + seen.get("failures"));
      assertThat(seen.get("failures").valueStream().map(JsonNode::asString)).isEmpty();
      assertThat(seen.get("refetches").asInt()).as("refetches").isZero();
      assertThat(seen.get("twice").valueStream()).as("inserted twice").isEmpty();
      assertThat(texts(seen.get("rows"))).isEqualTo(REPLICAS.rows());
      assertThat(seen.get("rows").size()).isEqualTo(2 * seen.get("asked").size());
      assertThat(REPLICAS.unfinished()).isZero();
      assertThat(clients.confirmed())
          .allSatisfy(one -> assertThat(one.millis()).isLessThanOrEqualTo(CONFIRMED_MILLIS));
      assertThat(took)
          .allSatisfy((_, seconds) -> assertThat(seconds).isLessThanOrEqualTo(STOP_SECONDS));
    }
  }

  private static void awaitConfirmed(LiveClients clients, int more) {
    int then = clients.confirmed().size() + more;
    await()
        .pollInterval(Duration.ofMillis(50))
        .atMost(PATIENCE)
        .until(() -> clients.confirmed().size() >= then);
  }

  private static List<UUID> conversations(Api api, int count) {
    List<UUID> conversations = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      conversations.add(api.createConversation("Conversation " + i));
    }
    return conversations;
  }

  private static Set<String> texts(JsonNode rows) {
    Set<String> texts = new TreeSet<>();
    rows.forEach(row ->
        texts.add(
            row.get("id").asString()
                + " "
                + row.get("status").asString()
                + " "
                + row.get("content").asString()));
    return texts;
  }

  @Test
  void whicheverProcessIsKilledAcknowledgedWorkIsCompleteAndOnceAndEveryClientConverges()
      throws Exception {
    String url = REPLICAS.url();
    Api api = Api.login(url, "replicas");
    List<UUID> conversations = conversations(api, CONVERSATIONS);
    Set<String> older = REPLICAS.rows();
    try (NodeFollower follower = NodeFollower.start(url, "replicas", conversations)) {
      List<Thread> askers = ask(api, conversations);
      await().atMost(PATIENCE).until(() -> follower.seen().size() > 2 * CONVERSATIONS);
      REPLICAS.awaitReady(Replicas.names(1));
      REPLICAS.awaitReady(Replicas.names(2));
      Map<String, Long> kills = new TreeMap<>();
      for (ProcessHandle victim : REPLICAS.processes()) {
        if (ALL || Replicas.name(victim).endsWith("-1")) {
          kill(victim, kills);
        }
      }
      assertThat(kills).hasSize(ALL ? 10 : 5);
      over = true;
      for (Thread asker : askers) {
        asker.join();
      }

      await().atMost(PATIENCE).until(() -> REPLICAS.unfinished() == 0);
      Set<String> rows = REPLICAS.rows();
      rows.removeAll(older);
      assertThat(rows).as("questions and answers").hasSize(2 * acknowledged.size());
      await().atMost(PATIENCE).until(() -> follower.completed() == rows.size());
      JsonNode held = follower.end();
      assertThat(texts(held.get("rows"))).isEqualTo(rows);
      assertThat(held.get("refetches").asInt()).as("refetches").isZero();
      assertThat(held.get("errors").valueStream().map(JsonNode::asString))
          .noneMatch(error -> error.contains("inserted twice"));
      report(kills, follower);
    }
  }

  /// Waits until it is started again and the others have gone on.
  private void kill(ProcessHandle victim, Map<String, Long> kills) {
    String name = Replicas.name(victim);
    kills.put(name, System.nanoTime());
    victim.destroyForcibly();
    await()
        .atMost(PATIENCE)
        .until(() ->
            REPLICAS.processes().stream()
                .anyMatch(p -> p.pid() != victim.pid() && Replicas.name(p).equals(name)));
    if (ALL) {
      // Whoever is killed next may be the only other one.
      REPLICAS.awaitReady(List.of(name));
    }
    int then = acknowledged.size() + RATE * WINDOW_SECONDS;
    await()
        .atMost(PATIENCE.plusSeconds(4L * WINDOW_SECONDS))
        .until(() -> acknowledged.size() >= then);
  }

  private List<Thread> ask(Api api, List<UUID> conversations) {
    List<Thread> askers = new ArrayList<>();
    for (UUID conversation : conversations) {
      askers.add(
          Thread.ofPlatform()
              .start(() -> {
                long next = System.nanoTime();
                while (!over) {
                  UUID question = UUID.randomUUID();
                  askUntilAcknowledged(api, conversation, question);
                  acknowledged.put(question.toString(), System.nanoTime());
                  next += TimeUnit.SECONDS.toNanos(1) * CONVERSATIONS / RATE;
                  java.util.concurrent.locks.LockSupport.parkNanos(next - System.nanoTime());
                }
              }));
    }
    return askers;
  }

  private static void askUntilAcknowledged(Api api, UUID conversation, UUID question) {
    Map<String, Object> body =
        Map.of(
            "conversationId",
            conversation,
            "questionId",
            question,
            "answerId",
            UUID.randomUUID(),
            "content",
            "What does " + question + " mean?");
    while (true) {
      try {
        HttpResponse<String> response = api.post("/questions/send", body);
        if (response.statusCode() == 200) {
          return;
        }
        assertThat(response.statusCode()).as(response.body()).isGreaterThanOrEqualTo(500);
      } catch (AssertionError e) {
        if (!(e.getCause() instanceof IOException)) {
          throw e;
        }
      }
      java.util.concurrent.locks.LockSupport.parkNanos(100_000_000);
    }
  }

  private void report(Map<String, Long> kills, NodeFollower follower) {
    kills.forEach((name, when) ->
        System.out.printf(
            Locale.ROOT,
            "ReplicasTest: SIGKILL of %-22s longest without an acknowledgement %5.2f s, without a row at the client %5.2f s%n",
            name,
            longestGap(acknowledged.values(), when),
            longestGap(follower.seen().values(), when)));
  }

  /// In seconds, of those that began up to 10 s behind the kill.
  private static double longestGap(Iterable<Long> times, long kill) {
    List<Long> sorted = new ArrayList<>();
    times.forEach(sorted::add);
    sorted.sort(null);
    long longest = 0;
    for (int i = 1; i < sorted.size(); i++) {
      long behind = sorted.get(i) - kill;
      if (behind > 0 && sorted.get(i - 1) - kill < TimeUnit.SECONDS.toNanos(10)) {
        longest = Math.max(longest, sorted.get(i) - sorted.get(i - 1));
      }
    }
    return longest / 1e9;
  }
}
