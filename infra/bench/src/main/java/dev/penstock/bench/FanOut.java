package dev.penstock.bench;

import java.sql.Connection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/// Many clients on one shape, on a shape each, and one client among many shapes.
final class FanOut implements Way {
  static final String SERVER = "shape-server";
  static final String NOTHING = "null server";
  static final String CPU = "CPU per change";
  static final String BYTES = "bytes per change and client";

  private static final int ONE_SHAPE_RATE = 10;
  private static final int OWN_SHAPE_RATE = 100;

  private final Rig rig;
  private final Random random;
  private final Service shapes;
  private final Optional<Electric> electric;
  private final Map<String, Integer> opened = new HashMap<>();

  FanOut(Stand stand) throws Exception {
    Followed followed = stand.followed();
    rig = followed.rig();
    random = new Random(stand.options().seed() + 1);
    shapes = followed.shapes();
    electric = Electric.of(stand.options());
    warmUp(stand.size().of(20, 600, 2_000));
  }

  /// How many clients follow one shape.
  static int[] clients(Size size) {
    return switch (size) {
      case SMOKE -> new int[] {1, 10};
      case SHORT, FULL -> new int[] {1, 10, 100, 1_000};
    };
  }

  static int shapesAmong(Size size) {
    return size.of(50, 1_000, 10_000);
  }

  static String onOneShape(String server, int clients) {
    return "%s, %d on one shape".formatted(server, clients);
  }

  static String onOwnShapes(String server, int clients) {
    return "%s, %d on a shape each".formatted(server, clients);
  }

  static String among(String server, int shapes) {
    return "%s, 1 among %d shapes".formatted(server, shapes);
  }

  @Override
  public void round(Results results) throws Exception {
    nothing(results);
    for (String server : List.of("Electric", SERVER)) {
      if (server.equals("Electric") && electric.isEmpty()) {
        results.missing("fanout: Electric", Electric.MISSING);
        continue;
      }
      round(server, results);
    }
  }

  private void round(String server, Results results) throws Exception {
    Size size = rig.stand().size();
    int[] counts = clients(size);
    for (int count : counts) {
      run(server, onOneShape(server, count), count, 1, ONE_SHAPE_RATE, results);
    }
    int most = counts[counts.length - 1];
    run(server, onOwnShapes(server, 1), 1, 1, OWN_SHAPE_RATE, results);
    run(server, onOwnShapes(server, most), most, most, OWN_SHAPE_RATE, results);
    int among = shapesAmong(size);
    int more = among - opened.getOrDefault(server, 0);
    open(conversations(server, more).stream().map(id -> target(server, id)).toList());
    opened.put(server, among);
    run(server, among(server, among), 1, 1, OWN_SHAPE_RATE, results);
  }

  /// The same clients, with nothing behind what releases the changes: their own part of each
  /// latency.
  private void nothing(Results results) throws Exception {
    Service nothing = rig.stand().nothing();
    int seconds = rig.stand().size().of(1, 1, 2);
    for (int count : clients(rig.stand().size())) {
      Changes changes = new Changes(ONE_SHAPE_RATE * 2 * seconds);
      List<Target> targets = Collections.nCopies(count, NullServer.held(nothing));
      int half = ONE_SHAPE_RATE * seconds;
      try (Releases source = new Releases(nothing, changes)) {
        Load.Outcome outcome =
            Load.run(
                targets,
                count,
                source::write,
                changes,
                () -> 0,
                half,
                ONE_SHAPE_RATE,
                half,
                ONE_SHAPE_RATE);
        results.latencies(Ways.FANOUT.id(), onOneShape(NOTHING, count), outcome.latencies());
      }
    }
  }

  private void run(
      String server, String subject, int clients, int shapeCount, int rate, Results results)
      throws Exception {
    Size size = rig.stand().size();
    int warm = rate * size.of(1, 1, 2);
    int count = rate * size.of(1, 2, 10);
    Changes changes = new Changes(warm + count);
    List<UUID> conversations = conversations(server, shapeCount);
    List<Target> targets =
        IntStream.range(0, clients)
            .mapToObj(client -> target(server, conversations.get(client % shapeCount)))
            .toList();
    String table = server.equals("Electric") ? Electric.TABLE : "messages";
    try (Writer writer =
        new Writer(connect(server), table, conversations, changes, random.nextLong())) {
      Load.Outcome outcome =
          Load.run(
              targets,
              clients / shapeCount,
              writer::write,
              changes,
              () -> cpu(server),
              warm,
              rate,
              count,
              rate);
      results.latencies(Ways.FANOUT.id(), subject, outcome.latencies());
      results.add(Ways.FANOUT.id(), subject, BYTES, "B", outcome.bytes());
      if (!server.equals("Electric")) {
        results.add(Ways.FANOUT.id(), subject, CPU, "ms", outcome.serverMillis());
      }
      results.generator(
          new Generator(
              Ways.FANOUT.id(),
              subject,
              outcome.cores(),
              (double) rate * clients / shapeCount,
              rig.stand().mostAnswers(),
              "answers/s",
              "a null server; its own time in a latency: see `null server`"));
    }
  }

  /// So that the smallest size, which is the first, does not meet a cold server.
  private void warmUp(int changes) throws Exception {
    UUID conversation = conversations(SERVER, 1).getFirst();
    List<Target> targets = Collections.nCopies(10, target(SERVER, conversation));
    Changes written = new Changes(changes);
    try (Writer writer =
        new Writer(rig.connect(), "messages", List.of(conversation), written, random.nextLong())) {
      var _ =
          Load.run(
              targets, 10, writer::write, written, () -> 0, changes / 2, 200, changes / 2, 200);
    }
  }

  private double cpu(String server) {
    return server.equals("Electric") ? 0 : shapes.cpuSeconds();
  }

  private Connection connect(String server) throws Exception {
    return server.equals("Electric") ? electric.orElseThrow().connect() : rig.connect();
  }

  private List<UUID> conversations(String server, int count) throws Exception {
    if (server.equals("Electric")) {
      return IntStream.range(0, count)
          .mapToObj(_ -> new UUID(random.nextLong(), random.nextLong()))
          .toList();
    }
    try (Connection connection = rig.connect()) {
      return Writer.conversations(connection, count, "bench", random);
    }
  }

  private Target target(String server, UUID conversation) {
    return server.equals("Electric")
        ? electric.orElseThrow().target(conversation)
        : Target.shape(shapes.url(), "messages", conversation, "");
  }

  /// Makes shapes that nobody follows.
  static void open(List<Target> targets) throws Exception {
    try (ExecutorService callers = Executors.newFixedThreadPool(8)) {
      List<Future<?>> all = new ArrayList<>();
      for (Target target : targets) {
        all.add(
            callers.submit(() -> Http.get(target.server() + target.path() + "&offset=-1", null)));
      }
      for (Future<?> one : all) {
        var _ = one.get();
      }
    }
  }

  @Override
  public void close() {}
}
