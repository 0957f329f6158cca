package dev.penstock.gateway;

import dev.penstock.gateway.AttackWorld.Held;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Sends seeded attacks and honest requests in turn; the n-th attack of a seed is always the same.
final class AttackSuite {
  private static final Pattern GIVEN = Pattern.compile("\"token\":\"([^\"]+)\"");
  private static final int AT_ONCE = 8;
  private static final int HONEST_EVERY = 16;

  private final AttackWorld world;
  private final LeakOracle oracle;
  private final int port;
  private final Queue<String> leaks = new ConcurrentLinkedQueue<>();
  private final Queue<String> unserved = new ConcurrentLinkedQueue<>();
  private final Map<String, Integer> counts = new ConcurrentHashMap<>();
  private final Map<String, Integer> leaking = new ConcurrentHashMap<>();

  AttackSuite(AttackWorld world, LeakOracle oracle, int port) {
    this.world = world;
    this.oracle = oracle;
    this.port = port;
  }

  /// What came of it.
  ///
  /// @param leaks what came back that the tokens do not cover, each with its attack
  /// @param unserved honest requests that did not get just their rows
  /// @param counts of answers, by family and status
  /// @param leaking attacks that leaked, by family
  record Outcome(
      List<String> leaks,
      List<String> unserved,
      Map<String, Integer> counts,
      Map<String, Integer> leaking) {}

  static long seed() {
    return Long.getLong("penstock.seed", new Random().nextLong(1_000_000_000));
  }

  /// @param most attacks, honest requests not counted
  Outcome run(long seed, int most) throws InterruptedException {
    try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
      for (int i = 0; i < most; i++) {
        int number = i;
        threads.execute(() -> attack(seed, number));
        if (i % HONEST_EVERY == 0) {
          threads.execute(() -> honest(number / HONEST_EVERY));
        }
      }
    }
    return new Outcome(
        new ArrayList<>(leaks),
        new ArrayList<>(unserved),
        new TreeMap<>(counts),
        new TreeMap<>(leaking));
  }

  private void attack(long seed, int number) {
    Attack attack = one(number, new Random(seed * 1_000_003 + number));
    try {
      Reply reply = attack.sendTo(port);
      counts.merge(attack.family() + " " + reply.statuses(), 1, Integer::sum);
      List<String> found = new ArrayList<>(oracle.leaks(attack.bytes(), reply, attack.covered()));
      if (reply.statuses().stream().filter(status -> status / 100 == 2).count() > attack.most()) {
        found.add("answered");
      }
      if (reply.statuses().contains(500)) {
        found.add("failed");
      }
      // What gives a token is only seen by using it.
      Matcher given = GIVEN.matcher(reply.decoded());
      if (given.find()) {
        Reply used = get("/shape?offset=-1", given.group(1)).sendTo(port);
        found.addAll(oracle.leaks(attack.bytes(), used, attack.covered()));
      }
      if (!found.isEmpty()) {
        leaking.merge(attack.family(), 1, Integer::sum);
        leaks.add(
            "attack %d: %s\n%s\n---\n%s".formatted(number, found, attack.bytes(), reply.raw()));
      }
    } catch (RuntimeException failed) {
      leaks.add("attack %d: %s\n%s".formatted(number, failed, attack.bytes()));
    }
  }

  private Attack one(int number, Random random) {
    int nth = number / 10;
    return switch (number % 10) {
      case 0 -> new TokenAttacks(world, random).one(nth);
      case 1 -> new AuthTokenAttacks(world, random).one(nth);
      case 2 -> new ParameterAttacks(world, random).query(nth);
      case 3 -> new ParameterAttacks(world, random).body(nth);
      case 4 -> new SubsetAttacks(world, random).get();
      case 5 -> new SubsetAttacks(world, random).post();
      case 6 ->
          random.nextInt(4) == 0
              ? new WireAttacks(world, random).command()
              : new WireAttacks(world, random).path();
      case 7 -> new WireAttacks(world, random).headers();
      case 8 -> new WireAttacks(world, random).framing();
      default -> new WishAttacks(world, random).wish(nth);
    };
  }

  private void honest(int number) {
    List<Held> all = new ArrayList<>(world.held());
    String victims = world.victims();
    all.add(
        new Held(
            AttackWorld.messagesToken(TwoTenants.BOB, victims, AttackWorld.COLUMNS),
            AttackWorld.messagesOf(victims, AttackWorld.COLUMNS),
            "messages",
            "",
            ""));
    Held held = all.get(number % all.size());
    Attack request = get("/shape?offset=-1", held.token());
    Reply reply = request.sendTo(port);
    long wanted = world.tenants().where(held.covered()).count();
    List<String> others = oracle.leaks(request.bytes(), reply, held.covered());
    long got = oracle.covered(reply, held.covered());
    if (reply.status() != 200 || got != wanted || !others.isEmpty()) {
      unserved.add("%d of %d, %s\n%s".formatted(got, wanted, others, reply.raw()));
    }
  }

  private static Attack get(String target, String token) {
    return new Attack(
        "honest",
        "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer %s\r\n\r\n"
            .formatted(target, token),
        Attack.NOTHING,
        1);
  }
}
