package dev.penstock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.local.SyncClients.State;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;

/// The unmodified npm clients through the gateway when tokens are short, answers are refused,
/// servers die and caches lie.
///
/// The short form of the chaos takes 20 s; `-Dpenstock.chaos.minutes=20` makes it that long, and
/// `-Dpenstock.chaos.seed=…` repeats one's choices.
@Timeout(2_400)
@DisabledIfEnvironmentVariable(named = "PENSTOCK_DATABASE_URL", matches = ".+")
class GatewayClientsTest {
  private static final Duration TOKEN_LIFE = Duration.ofSeconds(4);
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration CHAOS =
      Integer.getInteger("penstock.chaos.minutes") == null
          ? Duration.ofSeconds(20)
          : Duration.ofMinutes(Integer.getInteger("penstock.chaos.minutes"));
  private static final long SEED = Long.getLong("penstock.chaos.seed", System.nanoTime());

  private static final Path DIRECTORY = SharedPenstock.Directories.temporary("penstock-clients");
  private static final int POSTGRES = PenstockProcess.freePort();
  private static PenstockProcess penstock;

  private final Random random = new Random(SEED);
  private final String user = "clients-" + UUID.randomUUID();
  private Api api;
  private UUID conversation;

  /// What befalls the clients in the chaos.
  private enum Mishap {
    SHAPE_SERVER_KILLED,
    TRUNCATED,
    TABLE_ALTERED,
    LOGGED_OUT,
    REFUSED
  }

  @BeforeAll
  static void start() {
    System.out.println("GatewayClientsTest: -Dpenstock.chaos.seed=" + SEED);
    penstock =
        PenstockProcess.start(
            DIRECTORY,
            Map.of("PENSTOCK_ANSWERS_OFFLINE_WORD_DELAY", "1ms"),
            "--processes=true",
            "--gateway-shape-token-lifetime=" + TOKEN_LIFE.toSeconds() + "s",
            "--postgres-port=" + POSTGRES);
    penstock.url();
  }

  @AfterAll
  static void stop() {
    penstock.close();
    SharedPenstock.Directories.delete(DIRECTORY);
  }

  @BeforeEach
  void createConversation() {
    api = Api.login(penstock.url(), user);
    conversation = api.createConversation("Followed");
  }

  @Test
  void aTokenThatExpiresInAPollAStreamAHiddenTabOrASleepCostsNoRefetchAndALogoutEndsTheData()
      throws Exception {
    List<String> names = List.of("stream-poll", "stream-sse", "eager-poll", "eager-sse");
    try (Intermediary proxy = Intermediary.before(penstock.url(), SEED);
        SqlMessages messages = messages();
        SyncClients open = clients(proxy, names);
        SyncClients hidden =
            clients(proxy, List.of("stream-poll-hidden", "stream-sse-hidden"), "document");
        SyncClients asleep = clients(proxy, List.of("stream-poll-asleep", "stream-sse-asleep"))) {
      List<SyncClients> all = List.of(open, hidden, asleep);
      // Given clients that are up to date
      messages.insert("user", "At first");
      awaitSame(messages, all, proxy);

      // When something comes while some do not look, and their tokens expire twice
      hidden.hide();
      asleep.sleep();
      messages.insert("assistant", "While some do not look");
      pause(TOKEN_LIFE.multipliedBy(2));
      messages.insert("user", "When the tokens have expired");
      hidden.show();
      asleep.wake();

      // Then they resume, and have each row once, without beginning anew
      awaitSame(messages, all, proxy);
      messages.insert("assistant", "Thereafter");
      awaitSame(messages, all, proxy);
      int rows = messages.rows().size();
      for (SyncClients clients : all) {
        clients
            .states()
            .forEach((name, state) -> {
              assertThat(state.refetches()).as("refetches of %s", name).isZero();
              assertThat(state.twice()).as("rows that %s was given twice", name).isEmpty();
              assertThat(state.inserted()).as("inserts of %s", name).isEqualTo(rows);
              assertThat(proxy.seen(name))
                  .as("snapshots of %s", name)
                  .filteredOn(request -> request.offset().equals("-1"))
                  .hasSize(1);
            });
      }
      assertThat(proxy.seen("stream-poll"))
          .as("a poll that ended with its token")
          .anyMatch(request -> request.live() && request.status() == 401);
      assertThat(proxy.seen("stream-sse"))
          .as("streams that ended with their tokens")
          .filteredOn(request -> request.sse() && request.status() == 200)
          .hasSizeGreaterThanOrEqualTo(2);

      // When the user is logged out
      assertThat(api.post("/revocations", Map.of("user", user)).statusCode()).isEqualTo(204);

      // Then every client ends, and gets nothing any more
      await()
          .atMost(PATIENCE)
          .untilAsserted(() ->
              all.forEach(
                  clients -> assertThat(clients.stopped().keySet()).containsAll(clients.names())));
      messages.insert("user", "Behind the logout");
      pause(Duration.ofSeconds(1));
      for (SyncClients clients : all) {
        clients
            .states()
            .forEach((name, state) ->
                assertThat(state.rows())
                    .as(name)
                    .hasSize(rows)
                    .noneMatch(row -> row.contains("Behind the logout")));
        assertNoFastLoop(clients);
      }
    }
  }

  @Test
  void everySyncModeConvergesToSqlByPollsAndByStreamsWhileAnswersAreRefused() throws Exception {
    List<String> names =
        List.of(
            "eager-poll",
            "eager-sse",
            "on-demand-poll",
            "on-demand-sse-post",
            "progressive-poll-post",
            "progressive-sse");
    try (Intermediary proxy = Intermediary.before(penstock.url(), SEED);
        SqlMessages messages = messages()) {
      for (int i = 0; i < 10; i++) {
        messages.insert(i % 2 == 0 ? "user" : "assistant", "Before " + i);
      }
      proxy.refuse(0.3);
      try (SyncClients clients = clients(proxy, names)) {
        for (int i = 0; i < 3; i++) {
          api.ask(conversation, UUID.randomUUID(), UUID.randomUUID(), "Question " + i);
        }
        for (int i = 0; i < 40; i++) {
          messages.change(random);
          pause(Duration.ofMillis(75));
        }
        awaitSame(messages, List.of(clients), proxy);
        assertThat(clients.stopped()).isEmpty();
        assertNoFastLoop(clients);
        names.stream()
            .filter(name -> name.contains("sse"))
            // Seen when it has ended, with its token.
            .forEach(name ->
                await()
                    .atMost(PATIENCE)
                    .untilAsserted(() ->
                        assertThat(proxy.seen(name))
                            .anyMatch(request -> request.sse() && request.status() == 200)));
        assertThat(proxy.seen("on-demand-sse-post"))
            .anyMatch(request -> request.method().equals("POST") && request.status() == 200);
        System.out.println("GatewayClientsTest: modes: " + proxy.summary());
      }
    }
  }

  @Test
  void noMishapBringsAClientIntoAFastLoopAndAllConverge() throws Exception {
    // Subsets by POST, which no cache keeps: an old subset is beyond what a client can notice.
    List<String> names =
        List.of(
            "stream-poll",
            "eager-poll",
            "eager-sse",
            "on-demand-poll-post",
            "progressive-sse-post");
    Map<Mishap, Integer> happened = new TreeMap<>();
    try (Intermediary proxy = Intermediary.before(penstock.url(), SEED);
        SqlMessages messages = messages();
        SyncClients first = clients(proxy, names, "again");
        // The same addresses, so that the cache gives each what the other got.
        SyncClients second = clients(proxy, names, "again")) {
      List<SyncClients> all = List.of(first, second);
      proxy.keep(Duration.ofSeconds(30));
      messages.insert("user", "Before the chaos");
      awaitSame(messages, all, proxy);
      long end = System.nanoTime() + CHAOS.toNanos();
      for (int round = 0; System.nanoTime() < end; round++) {
        Mishap mishap = Mishap.values()[round % Mishap.values().length];
        happened.merge(mishap, 1, Integer::sum);
        befall(mishap, proxy, messages);
        long next =
            System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(2_000 + random.nextInt(2_500));
        while (System.nanoTime() < next) {
          messages.change(random);
          pause(Duration.ofMillis(100));
        }
        if (round % 20 == 19) {
          proxy.refuse(0);
          awaitSame(messages, all, proxy);
        }
      }
      proxy.refuse(0);
      awaitSame(messages, all, proxy);
      System.out.printf(
          Locale.ROOT,
          "GatewayClientsTest: %d s of chaos: %s; answers %s%n",
          CHAOS.toSeconds(),
          happened,
          proxy.summary());
      for (SyncClients clients : all) {
        System.out.println("GatewayClientsTest: " + summary(clients));
        assertThat(clients.stopped()).isEmpty();
        assertNoFastLoop(clients);
      }
    }
  }

  private void befall(Mishap mishap, Intermediary proxy, SqlMessages messages) throws SQLException {
    proxy.refuse(0);
    switch (mishap) {
      case SHAPE_SERVER_KILLED ->
          ProcessHandle.of(penstock.pid())
              .orElseThrow()
              .children()
              .filter(GatewayClientsTest::isShapeServer)
              .forEach(ProcessHandle::destroyForcibly);
      case TRUNCATED -> messages.execute("truncate messages");
      case TABLE_ALTERED -> {
        messages.execute("alter table messages add column chaos int");
        messages.execute("alter table messages drop column chaos");
      }
      case LOGGED_OUT ->
          // By a login of its own: the one before is revoked too.
          await()
              .atMost(PATIENCE)
              .until(() ->
                  Api.login(penstock.url(), user)
                          .post("/revocations", Map.of("user", user))
                          .statusCode()
                      == 204);
      case REFUSED -> proxy.refuse(0.5);
    }
  }

  private static boolean isShapeServer(ProcessHandle process) {
    String[] arguments = process.info().arguments().orElse(new String[0]);
    return arguments.length > 0 && arguments[arguments.length - 1].startsWith("shape-server");
  }

  private SyncClients clients(Intermediary proxy, List<String> names, String... options) {
    return SyncClients.start(proxy.url(), user, conversation, names, options);
  }

  private SqlMessages messages() throws SQLException {
    return new SqlMessages(
        "jdbc:postgresql://127.0.0.1:" + POSTGRES + "/penstock?user=postgres", conversation);
  }

  private static void awaitSame(SqlMessages messages, List<SyncClients> all, Intermediary proxy) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(() -> {
          for (SyncClients clients : all) {
            List<String> rows = messages.rows();
            for (Map.Entry<String, State> client : clients.states().entrySet()) {
              assertThat(client.getValue().rows())
                  .as(() ->
                      "%s %s%s%n%s%n%s%n"
                          .formatted(
                              client.getKey(),
                              clients.stopped(),
                              clients.warnings(),
                              all.stream().map(GatewayClientsTest::summary).toList(),
                              proxy.lastly()))
                  .isEqualTo(rows);
            }
          }
        });
  }

  private static void assertNoFastLoop(SyncClients clients) {
    assertThat(clients.warnings())
        .noneMatch(warning -> warning.contains("fast retry loop") || warning.contains("stuck in"));
  }

  /// The client's warnings by their beginnings, and what it asked its application about.
  private static String summary(SyncClients clients) {
    Map<String, Integer> warnings = new TreeMap<>();
    clients
        .warnings()
        .forEach(text ->
            warnings.merge(text.substring(0, Math.min(70, text.length())), 1, Integer::sum));
    List<String> counts = new ArrayList<>();
    clients
        .states()
        .forEach((name, state) ->
            counts.add(
                name + ": " + state.errors() + " errors, " + state.refetches() + " refetches"));
    return counts + " warnings " + warnings;
  }

  private static void pause(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
  }
}
