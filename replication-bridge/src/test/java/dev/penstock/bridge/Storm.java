package dev.penstock.bridge;

import static org.awaitility.Awaitility.await;

import dev.penstock.stack.ChildKafkaBroker;
import dev.penstock.stack.PostgresServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/// Two bridges in processes of their own, and what befalls them and their surroundings.
final class Storm implements AutoCloseable {
  /// What can happen.
  enum Deed {
    KILL_LEADER,
    KILL_STANDBY,
    KILL_BOTH_BRIDGES,
    KILL_BROKER,
    KILL_LEADER_AND_BROKER,
    KILL_POSTGRES,
    /// SIGSTOP until another one leads, and then SIGCONT.
    FREEZE_LEADER
  }

  private static final Duration RECOVERY = Duration.ofSeconds(60);

  private final TestBridge bridge;
  private final PostgresServer postgres;
  private final ChildKafkaBroker broker;
  private final Path directory;
  private final RandomGenerator random;
  private final ChildBridge[] bridges = new ChildBridge[2];
  private final Map<Deed, Integer> done = new EnumMap<>(Deed.class);

  Storm(
      TestBridge bridge,
      PostgresServer postgres,
      ChildKafkaBroker broker,
      Path directory,
      RandomGenerator random) {
    this.bridge = bridge;
    this.postgres = postgres;
    this.broker = broker;
    this.directory = directory;
    this.random = random;
  }

  /// In a seeded order.
  static List<Deed> deeds(boolean all, RandomGenerator random) {
    List<Deed> deeds = new ArrayList<>();
    int times = all ? 1 : 0;
    add(deeds, Deed.KILL_LEADER, 2 + 10 * times);
    add(deeds, Deed.KILL_STANDBY, 1 + 4 * times);
    add(deeds, Deed.KILL_BOTH_BRIDGES, 3 * times);
    add(deeds, Deed.KILL_BROKER, 1 + 5 * times);
    add(deeds, Deed.KILL_LEADER_AND_BROKER, 3 * times);
    add(deeds, Deed.KILL_POSTGRES, 1 + 2 * times);
    add(deeds, Deed.FREEZE_LEADER, 4 * times);
    Collections.shuffle(deeds, Random.from(random));
    return deeds;
  }

  private static void add(List<Deed> deeds, Deed deed, int times) {
    deeds.addAll(Collections.nCopies(times, deed));
  }

  void begin() throws IOException {
    for (int i = 0; i < bridges.length; i++) {
      launch(i);
    }
    awaitLeader();
  }

  private void launch(int index) throws IOException {
    bridges[index] = ChildBridge.start(bridge, "b" + index, directory);
  }

  private void awaitLeader() {
    await().atMost(RECOVERY).pollInterval(Duration.ofMillis(50)).until(() -> leader() >= 0);
  }

  /// -1 where nobody leads.
  private int leader() {
    for (int i = 0; i < bridges.length; i++) {
      if (bridges[i].leads()) {
        return i;
      }
    }
    return -1;
  }

  /// Does all the deeds while the load brings its transactions.
  void rage(List<Deed> deeds, StormLoad load, int transactions) throws Exception {
    long began = System.nanoTime();
    for (Deed deed : deeds) {
      // A quarter of them while the one before has not yet been recovered from.
      if (random.nextInt(4) > 0) {
        awaitLeader();
      }
      TimeUnit.MILLISECONDS.sleep(random.nextInt(3_000));
      System.out.printf(
          "StormTest: %5.1f s, %d committed: %s%n",
          (System.nanoTime() - began) / 1e9, load.committed(), deed);
      happen(deed);
      done.merge(deed, 1, Integer::sum);
    }
    await()
        .atMost(Duration.ofMinutes(15))
        .pollInterval(Duration.ofMillis(200))
        .until(() -> load.committed() >= transactions);
    awaitLeader();
  }

  private void happen(Deed deed) throws Exception {
    int found = leader();
    int leader = found < 0 ? random.nextInt(bridges.length) : found;
    int standby = 1 - leader;
    switch (deed) {
      case KILL_LEADER -> kill(leader);
      case KILL_STANDBY -> kill(standby);
      case KILL_BOTH_BRIDGES -> {
        bridges[standby].kill();
        kill(leader);
        launch(standby);
      }
      case KILL_BROKER -> {
        broker.kill();
        TimeUnit.MILLISECONDS.sleep(random.nextInt(500));
        broker.start();
      }
      case KILL_LEADER_AND_BROKER -> {
        broker.kill();
        kill(leader);
        broker.start();
      }
      case KILL_POSTGRES -> {
        postgres.kill();
        TimeUnit.MILLISECONDS.sleep(random.nextInt(500));
        postgres.start();
      }
      case FREEZE_LEADER -> {
        bridges[leader].jvm().freeze();
        try {
          await()
              .atMost(RECOVERY)
              .pollInterval(Duration.ofMillis(50))
              .until(() -> bridges[standby].leads());
          TimeUnit.MILLISECONDS.sleep(random.nextInt(500));
        } finally {
          bridges[leader].jvm().thaw();
        }
      }
    }
  }

  private void kill(int index) throws Exception {
    bridges[index].kill();
    TimeUnit.MILLISECONDS.sleep(random.nextInt(500));
    launch(index);
  }

  /// How often what was done.
  Map<Deed, Integer> done() {
    return done;
  }

  @Override
  public void close() {
    for (ChildBridge child : bridges) {
      if (child != null) {
        child.close();
      }
    }
  }
}
