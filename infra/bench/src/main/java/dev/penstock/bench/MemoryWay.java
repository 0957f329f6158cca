package dev.penstock.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;

/// What is held costs, in heap that survives a collection: from two sizes, so that what is there
/// anyway does not count. And what a change allocates on its way.
final class MemoryWay implements Way {
  /// Of a snapshot that stalled readers ask for: so many of them may be held in memory at once.
  private static final int MESSAGES = 200;

  private static final int MESSAGE_BYTES = 10_000;

  private final Rig rig;
  private final Size size;
  private final Random random;
  private final Service bridge;
  private final Service shapes;
  private final Service gateway;

  MemoryWay(Stand stand) throws Exception {
    rig = stand.rig();
    size = stand.size();
    random = new Random(stand.options().seed());
    bridge = rig.bridge();
    shapes = rig.shapes(Map.of());
    gateway = rig.gateway(shapes.url(), "http://127.0.0.1:1");
    rig.ready();
  }

  @Override
  public void round(Results results) throws Exception {
    idle(results);
    allocation(results);
    UUID conversation = conversations(1).getFirst();
    Target direct = direct(conversation);
    held(
        "held poll, at the shape-server",
        shapes,
        some -> Collections.nCopies(some, direct),
        results);
    Target shared = through(conversation);
    held(
        "held poll of one shape, at the gateway",
        gateway,
        some -> Collections.nCopies(some, shared),
        results);
    held(
        "held poll of a shape each, at the gateway",
        gateway,
        some -> {
          List<Target> own = new ArrayList<>();
          for (UUID id : conversations(some)) {
            own.add(through(id));
          }
          return own;
        },
        results);
    shapes(results);
    stalled("stalled reader, at the shape-server", shapes, this::direct, results);
    stalled("stalled reader, at the gateway", gateway, this::through, results);
    grown(results);
    results.generator(Ways.MEMORY.id(), "clients", 0, "none: nothing is timed");
  }

  private void idle(Results results) throws Exception {
    try (Whole whole = Whole.start(rig.stand())) {
      whole.syncFirstRow();
      TimeUnit.SECONDS.sleep(size.of(0, 2, 10));
      try (Probe probe = whole.probe()) {
        add(results, "whole stack", "idle heap", "MB", probe.liveHeap() / 1e6);
        probe
            .resident()
            .ifPresent(bytes ->
                add(results, "whole stack", "idle resident, without Postgres", "MB", bytes / 1e6));
      }
    }
  }

  private interface Targets {
    List<Target> of(int count) throws Exception;
  }

  private void held(String what, Service service, Targets targets, Results results)
      throws Exception {
    int few = size.of(20, 200, 500);
    int many = size.of(60, 1_000, 4_000);
    try (LiveClients clients = new LiveClients()) {
      clients.add(targets.of(few));
      long before = service.probe().liveHeap();
      clients.add(targets.of(many - few));
      long with = service.probe().liveHeap();
      cost(results, what, service, (double) (with - before) / (many - few), few, many);
    }
  }

  private void shapes(Results results) throws Exception {
    int few = size.of(20, 200, 1_000);
    int many = size.of(100, 1_000, 10_000);
    FanOut.open(conversations(few).stream().map(this::direct).toList());
    long before = shapes.probe().liveHeap();
    FanOut.open(conversations(many - few).stream().map(this::direct).toList());
    long with = shapes.probe().liveHeap();
    cost(
        results,
        "shape that nobody follows",
        shapes,
        (double) (with - before) / (many - few),
        few,
        many);
  }

  private interface Of {
    Target target(UUID conversation) throws Exception;
  }

  private void stalled(String what, Service service, Of of, Results results) throws Exception {
    int few = size.of(3, 20, 20);
    int many = size.of(10, 60, 100);
    UUID conversation = conversations(1).getFirst();
    rig.sql(
        """
        insert into messages
        select gen_random_uuid(), '%s', 'user', 'completed', repeat('x', %d), null, null, now(), now()
        from generate_series(1, %d)
        """
            .formatted(conversation, MESSAGE_BYTES, MESSAGES));
    Target target = of.target(conversation);
    List<Stalled> readers = new ArrayList<>();
    try {
      long before = stall(readers, few, target, service);
      long with = stall(readers, many, target, service);
      cost(results, what, service, (double) (with - before) / (many - few), few, many);
    } finally {
      for (Stalled reader : readers) {
        reader.close();
      }
    }
  }

  private long stall(List<Stalled> readers, int count, Target target, Service service)
      throws Exception {
    while (readers.size() < count) {
      readers.add(new Stalled(target));
    }
    // Until every buffer on the way is full.
    TimeUnit.MILLISECONDS.sleep(size.of(500, 2_000, 5_000));
    return service.probe().liveHeap();
  }

  /// Of every service on the way, per change that one client gets through a gateway.
  private void allocation(Results results) throws Exception {
    int warm = size.of(50, 300, 2_000);
    int count = size.of(100, 300, 2_000);
    UUID conversation = conversations(1).getFirst();
    Changes changes = new Changes(warm + count);
    try (Writer writer =
            new Writer(
                rig.connect(), "messages", List.of(conversation), changes, random.nextLong());
        LiveClients clients = new LiveClients()) {
      clients.add(List.of(through(conversation)));
      writer.write(warm, 100);
      clients.await(warm);
      Map<String, Service> services =
          Map.of("bridge", bridge, "shape-server", shapes, "gateway", gateway);
      Map<String, Long> before = new java.util.HashMap<>();
      services.forEach((name, service) -> before.put(name, service.probe().allocated()));
      writer.write(count, 100);
      clients.await(warm + count);
      for (Map.Entry<String, Service> service : new java.util.TreeMap<>(services).entrySet()) {
        long allocated = service.getValue().probe().allocated();
        add(
            results,
            service.getKey(),
            "allocated per change",
            "KB",
            (allocated - before.getOrDefault(service.getKey(), 0L)) / 1e3 / count);
      }
    }
  }

  /// What a conversation with two messages costs that nobody follows.
  private void grown(Results results) throws Exception {
    int few = size.of(50, 200, 2_000);
    int many = size.of(200, 1_200, 20_000);
    add(few);
    long heap = shapes.probe().liveHeap() + bridge.probe().liveHeap();
    double cpu = shapes.probe().cpuSeconds() + bridge.probe().cpuSeconds();
    long log = logBytes();
    add(many - few);
    String sizes = "%,d and %,d".formatted(few, many);
    double more = many - few;
    String what = "conversation of two messages that nobody follows";
    results.cost(
        what,
        "bridge and shape-server",
        (shapes.probe().cpuSeconds() + bridge.probe().cpuSeconds() - cpu) * 1e6 / more,
        "µs of CPU",
        sizes);
    results.cost(what, "penstock.log", (logBytes() - log) / more, "B on disk", sizes);
    results.cost(
        what,
        "bridge and shape-server",
        (shapes.probe().liveHeap() + bridge.probe().liveHeap() - heap) / more,
        "B of heap",
        sizes);
  }

  /// Each message in a transaction of its own.
  private void add(int conversations) throws Exception {
    List<UUID> ids = conversations(conversations);
    Changes changes = new Changes(2 * conversations);
    try (Writer writer = new Writer(rig.connect(), "messages", ids, changes, random.nextLong())) {
      writer.write(2 * conversations, 1_000_000);
    }
    LogProgram.bridge(rig).awaitConfirmed();
  }

  private long logBytes() throws Exception {
    try (Admin admin = Admin.create(rig.kafka())) {
      return admin.describeLogDirs(List.of(1)).allDescriptions().get().values().stream()
          .flatMap(directories -> directories.values().stream())
          .flatMap(directory -> directory.replicaInfos().entrySet().stream())
          .filter(entry -> entry.getKey().topic().equals(rig.topics().log()))
          .mapToLong(entry -> entry.getValue().size())
          .sum();
    }
  }

  private void cost(
      Results results, String what, Service service, double bytes, int few, int many) {
    String where = service == gateway ? "gateway" : "shape-server";
    add(results, what, "heap", "KB", bytes / 1e3);
    results.cost(what, where, bytes, "B of heap", "%,d and %,d".formatted(few, many));
  }

  private static void add(
      Results results, String subject, String figure, String unit, double value) {
    results.add(Ways.MEMORY.id(), subject, figure, unit, value);
  }

  private List<UUID> conversations(int count) throws SQLException {
    try (Connection connection = rig.connect()) {
      return Writer.conversations(connection, count, "bench", random);
    }
  }

  private Target direct(UUID conversation) {
    return Target.shape(shapes.url(), "messages", conversation, "");
  }

  private Target through(UUID conversation) throws Exception {
    return Target.gateway(gateway, Tokens.shape(gateway, "bench", conversation));
  }

  @Override
  public void close() {
    rig.close();
  }
}
