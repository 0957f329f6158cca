package dev.penstock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;
import tools.jackson.databind.JsonNode;

/// Several of everything, each a process of its own, and each killed in turn under load.
///
/// The short form kills one of each service at 10 questions a second; `-Dpenstock.replicas.all=true
/// -Dpenstock.replicas.rate=50 -Dpenstock.replicas.window=20` kills every process at 50. The
/// longest gaps are printed.
@Timeout(1_200)
@DisabledIfEnvironmentVariable(named = "PENSTOCK_DATABASE_URL", matches = ".+")
class ReplicasTest {
  private static final int RATE = Integer.getInteger("penstock.replicas.rate", 10);
  private static final int WINDOW_SECONDS = Integer.getInteger("penstock.replicas.window", 3);
  private static final boolean ALL = Boolean.getBoolean("penstock.replicas.all");
  private static final int CONVERSATIONS = 10;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Path directory = SharedPenstock.Directories.temporary("penstock-replicas");
  private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();
  private volatile boolean over;

  @AfterEach
  void delete() {
    SharedPenstock.Directories.delete(directory);
  }

  @Test
  void whicheverProcessIsKilledAcknowledgedWorkIsCompleteAndOnceAndEveryClientConverges()
      throws Exception {
    int postgres = PenstockProcess.freePort();
    try (PenstockProcess penstock =
        PenstockProcess.start(
            directory,
            Map.of("PENSTOCK_ANSWERS_OFFLINE_WORD_DELAY", "1ms"),
            "--replicas=2",
            "--processes=true",
            "--postgres-port=" + postgres)) {
      String url = penstock.url();
      System.out.printf(
          Locale.ROOT,
          "ReplicasTest: ready after %.1f s%n",
          penstock.sinceStart().toMillis() / 1e3);
      List<UUID> conversations = new ArrayList<>();
      Api api = Api.login(url, "replicas");
      for (int i = 0; i < CONVERSATIONS; i++) {
        conversations.add(api.createConversation("Conversation " + i));
      }
      try (NodeFollower follower = NodeFollower.start(url, "replicas", conversations)) {
        List<Thread> askers = ask(api, conversations);
        await().atMost(PATIENCE).until(() -> follower.seen().size() > 2 * CONVERSATIONS);

        Map<String, Long> kills = new TreeMap<>();
        List<ProcessHandle> victims = victims(penstock);
        assertThat(victims).hasSize(ALL ? 10 : 5);
        for (ProcessHandle victim : victims) {
          String name = name(victim);
          kills.put(name, System.nanoTime());
          victim.destroyForcibly();
          await()
              .atMost(PATIENCE)
              .until(() ->
                  processes(penstock).stream()
                      .anyMatch(p -> p.pid() != victim.pid() && name(p).equals(name)));
          int then = acknowledged.size() + RATE * WINDOW_SECONDS;
          await().atMost(PATIENCE).until(() -> acknowledged.size() >= then);
        }
        over = true;
        for (Thread asker : askers) {
          asker.join();
        }

        String database = "jdbc:postgresql://127.0.0.1:" + postgres + "/penstock?user=postgres";
        await().atMost(PATIENCE).until(() -> unfinished(database) == 0);
        Set<String> rows = rows(database);
        assertThat(rows).as("questions and answers").hasSize(2 * acknowledged.size());
        await().atMost(PATIENCE).until(() -> follower.completed() == rows.size());
        JsonNode held = follower.end();
        TreeSet<String> followed = new TreeSet<>();
        held.get("rows")
            .forEach(row ->
                followed.add(
                    row.get("id").asString()
                        + " "
                        + row.get("status").asString()
                        + " "
                        + row.get("content").asString()));
        assertThat(followed).isEqualTo(rows);
        assertThat(held.get("refetches").asInt()).as("refetches").isZero();
        assertThat(held.get("errors").valueStream().map(JsonNode::asString))
            .noneMatch(error -> error.contains("inserted twice"));
        report(kills, follower);
      }
    }
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

  private static List<ProcessHandle> processes(PenstockProcess penstock) {
    return ProcessHandle.of(penstock.pid())
        .orElseThrow()
        .children()
        .filter(process -> !name(process).isEmpty())
        .toList();
  }

  private static List<ProcessHandle> victims(PenstockProcess penstock) {
    return processes(penstock).stream()
        .filter(process -> ALL || name(process).endsWith("-1"))
        .toList();
  }

  /// As `ps` shows it: the last argument. Java's own answer ends behind 4 KB, in the class path.
  private static String name(ProcessHandle process) {
    try {
      String[] arguments =
          Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"))
              .split("\0", -1);
      int last = arguments.length - 2;
      return last > 0 && arguments[last - 1].equals(Penstock.SERVICE) ? arguments[last] : "";
    } catch (IOException e) {
      // It has ended.
      return "";
    }
  }

  private static long unfinished(String database) throws SQLException {
    try (Connection connection = DriverManager.getConnection(database);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("select count(*) from messages where status <> 'completed'")) {
      row.next();
      return row.getLong(1);
    }
  }

  private static Set<String> rows(String database) throws SQLException {
    TreeSet<String> rows = new TreeSet<>();
    try (Connection connection = DriverManager.getConnection(database);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("select id || ' ' || status || ' ' || content from messages")) {
      while (row.next()) {
        rows.add(row.getString(1));
      }
    }
    return rows;
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
