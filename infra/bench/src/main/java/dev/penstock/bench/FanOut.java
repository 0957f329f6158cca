package dev.penstock.bench;

import java.sql.Connection;
import java.util.ArrayList;
import java.util.Collections;
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
  private static final int ONE_SHAPE_RATE = 10;
  private static final int OWN_SHAPE_RATE = 100;

  private final Rig rig;
  private final Random random;
  private final Service shapes;
  private final Optional<Electric> electric;

  FanOut(Stand stand) throws Exception {
    rig = stand.rig();
    random = new Random(stand.options().seed());
    rig.bridge();
    shapes = rig.shapes(Map.of());
    rig.ready();
    electric = Electric.of(stand.options());
    warmUp(stand.size().of(20, 800, 4_000));
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
    for (String server : List.of("Electric", "shape-server")) {
      if (server.equals("Electric") && electric.isEmpty()) {
        results.missing("fanout: Electric", Electric.MISSING);
        continue;
      }
      round(server, results);
    }
    results.generator(
        Ways.FANOUT.id(),
        "clients",
        0,
        "one thread takes %s answers/s from a null server, of 64 connections"
            .formatted(Numbers.of(Load.most(rig.stand()))));
  }

  private void round(String server, Results results) throws Exception {
    Size size = rig.stand().size();
    int[] counts = clients(size);
    for (int count : counts) {
      run(server, onOneShape(server, count), count, 1, ONE_SHAPE_RATE, results);
    }
    int most = counts[counts.length - 1];
    run(server, onOwnShapes(server, most), most, most, OWN_SHAPE_RATE, results);
    int among = shapesAmong(size);
    open(conversations(server, among).stream().map(id -> target(server, id)).toList());
    run(server, among(server, among), 1, 1, 50, results);
  }

  private void run(
      String server, String subject, int clients, int shapeCount, int rate, Results results)
      throws Exception {
    Size size = rig.stand().size();
    int warm = rate * size.of(1, 1, 5);
    int count = rate * size.of(1, 3, 15);
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
              writer,
              changes,
              () -> cpu(server),
              warm,
              rate,
              count,
              rate);
      results.latencies(Ways.FANOUT.id(), subject, outcome.latencies());
      results.add(Ways.FANOUT.id(), subject, "bytes per change and client", "B", outcome.bytes());
      if (!server.equals("Electric")) {
        results.add(Ways.FANOUT.id(), subject, "CPU per change", "ms", outcome.serverMillis());
      }
      results.generator(
          Ways.FANOUT.id(),
          subject,
          outcome.cores(),
          "%d answers/s are asked for".formatted(rate * clients / shapeCount));
    }
  }

  /// So that the smallest size, which is the first, does not meet a cold server.
  private void warmUp(int changes) throws Exception {
    UUID conversation = conversations("shape-server", 1).getFirst();
    List<Target> targets = Collections.nCopies(10, target("shape-server", conversation));
    Changes written = new Changes(changes);
    try (Writer writer =
        new Writer(rig.connect(), "messages", List.of(conversation), written, random.nextLong())) {
      var _ = Load.run(targets, 10, writer, written, () -> 0, changes / 2, 200, changes / 2, 200);
    }
  }

  private double cpu(String server) {
    return server.equals("Electric") ? 0 : shapes.probe().cpuSeconds();
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
  public void close() {
    rig.close();
  }
}
