package dev.penstock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// Health tells the truth of work that hangs: a part of the way is stopped (SIGSTOP), and just the
/// services that cannot do their own part without it say within 15 s that they are not ready.
///
/// The short form stops the walsender of an idle database; `-Dpenstock.frozen.all=true` all seven
/// kinds of parts, in about 3 minutes. `-Dpenstock.idle.minutes=20` looks for false alarms where
/// nothing happens.
@Timeout(1_500)
@DisabledIfEnvironmentVariable(named = "PENSTOCK_DATABASE_URL", matches = ".+")
class FrozenStageTest {
  private static final String FROZEN = "penstock.frozen.all";
  private static final String IDLE = "penstock.idle.minutes";
  private static final Duration RED = Duration.ofSeconds(15);
  private static final Duration START = Duration.ofMinutes(4);
  private static final Duration GREEN = Duration.ofSeconds(60);

  private static final String MODEL_KIND = "model";

  /// Only where a test asks for it: it is a Penstock of its own.
  private static final class Own {
    static final Path DIRECTORY = SharedPenstock.Directories.temporary("penstock-frozen");
    static final TestModel MODEL = new TestModel();
    static final Stages STAGES = new Stages(DIRECTORY, MODEL);

    private Own() {}
  }

  private volatile boolean over;

  /// @param processes what is stopped; the model is no process and is told
  /// @param red who is to say so
  private record Kind(String name, Function<Stages, List<Long>> processes, Set<Service> red) {}

  private static final List<Kind> KINDS =
      List.of(
          new Kind("walsender", Stages::walsender, Set.of(Service.REPLICATION_BRIDGE)),
          new Kind(
              "shape-server",
              stages -> stages.process(Service.SHAPE_SERVER),
              Set.of(Service.SHAPE_SERVER, Service.GATEWAY)),
          new Kind(MODEL_KIND, _ -> List.of(), Set.of(Service.ANSWER_GENERATOR)),
          new Kind(
              "command-service",
              stages -> stages.process(Service.COMMAND_SERVICE),
              Set.of(Service.COMMAND_SERVICE)),
          new Kind(
              "bridge",
              stages -> stages.process(Service.REPLICATION_BRIDGE),
              Set.of(Service.REPLICATION_BRIDGE)),
          new Kind(
              "postgres",
              Stages::postgres,
              Set.of(
                  Service.REPLICATION_BRIDGE, Service.COMMAND_SERVICE, Service.ANSWER_GENERATOR)),
          new Kind(
              "broker",
              Stages::broker,
              Set.of(
                  Service.REPLICATION_BRIDGE,
                  Service.SHAPE_SERVER,
                  Service.ANSWER_GENERATOR,
                  Service.GATEWAY)));

  @AfterAll
  static void stop() {
    if (Boolean.getBoolean(FROZEN) || System.getProperty(IDLE) != null) {
      Own.STAGES.close();
      SharedPenstock.Directories.delete(Own.DIRECTORY);
    }
  }

  @Test
  void aBridgeWhoseWalsenderHangsIsNotReadyWithin15SecondsThoughNobodyWrites() {
    // The start has a patience of its own.
    assertThat(SharedPenstock.url()).isNotEmpty();
    await().atMost(GREEN).until(() -> ObservabilityTest.isReady("bridge"));
    List<Long> walsender = Stages.walsender(SharedPenstock.directory());
    Stages.signal("STOP", walsender);
    try {
      await().atMost(RED).until(() -> !ObservabilityTest.isReady("bridge"));
      assertThat(List.of("command", "shapes", "answers", "gateway"))
          .allMatch(ObservabilityTest::isReady);
    } finally {
      Stages.signal("CONT", walsender);
    }
    await().atMost(GREEN).until(() -> ObservabilityTest.isReady("bridge"));
  }

  @Test
  @EnabledIfSystemProperty(named = FROZEN, matches = "true")
  void whoeverCannotDoItsPartIsNotReadyWithin15SecondsAndNobodyElse() throws Exception {
    Api api = Api.login(Own.STAGES.url(), "frozen");
    UUID conversation = api.createConversation("Frozen");
    Thread asker = Thread.ofPlatform().daemon().start(() -> ask(api, conversation));
    try {
      for (Kind kind : KINDS) {
        allAreReady(kind.name() + ": before", START);
        freeze(kind);
        allAreReady(kind.name() + ": behind", GREEN);
      }
    } finally {
      over = true;
      asker.join();
    }
  }

  private static void freeze(Kind kind) {
    List<Long> processes = kind.processes().apply(Own.STAGES);
    Map<Service, Double> seconds = new EnumMap<>(Service.class);
    List<Service> wrong = new ArrayList<>();
    long begun = System.nanoTime();
    try {
      if (kind.name().equals(MODEL_KIND)) {
        Own.MODEL.freeze();
      } else {
        assertThat(processes).as(kind.name()).isNotEmpty();
        Stages.signal("STOP", processes);
      }
      while (System.nanoTime() - begun < RED.toNanos()
          && !seconds.keySet().containsAll(kind.red())) {
        for (Service service : Service.values()) {
          if (!seconds.containsKey(service) && !Own.STAGES.isReady(service)) {
            seconds.put(service, (System.nanoTime() - begun) / 1e9);
            if (!kind.red().contains(service)) {
              wrong.add(service);
            }
          }
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(250));
      }
      System.out.printf(
          Locale.ROOT,
          "FrozenStageTest: %s stopped: not ready after (s) %s%n",
          kind.name(),
          seconds);
      assertThat(seconds.keySet())
          .as("%s: not ready within 15 s", kind.name())
          .containsAll(kind.red());
      assertThat(wrong).as("%s: not ready without reason", kind.name()).isEmpty();
    } finally {
      Own.MODEL.thaw();
      Stages.signal("CONT", processes);
    }
  }

  private static void allAreReady(String when, Duration bound) {
    await(when)
        .atMost(bound)
        .untilAsserted(() -> {
          for (Service service : Service.values()) {
            assertThat(Own.STAGES.isReady(service))
                .as("%s: %s", service, Own.STAGES.health(service))
                .isTrue();
          }
        });
  }

  /// So that there is work that can hang; who asks does not care for the answers.
  private void ask(Api api, UUID conversation) {
    while (!over) {
      try {
        api.post(
            "/questions/send",
            Map.of(
                "conversationId",
                conversation,
                "questionId",
                UUID.randomUUID(),
                "answerId",
                UUID.randomUUID(),
                "content",
                "What hangs?"));
      } catch (AssertionError e) {
        // No answer, as is to be expected of a way that is stopped.
        LockSupport.parkNanos(1);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
    }
  }

  @Test
  @EnabledIfSystemProperty(named = IDLE, matches = "\\d+")
  void whereNothingHappensNobodySaysThatItIsNotReady() {
    allAreReady("before", START);
    long end = System.nanoTime() + Duration.ofMinutes(Long.getLong(IDLE)).toNanos();
    while (System.nanoTime() < end) {
      assertThat(Own.STAGES.ready()).containsExactly(Service.values());
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
    }
  }
}
