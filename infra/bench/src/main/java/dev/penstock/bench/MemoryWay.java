package dev.penstock.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;

/// What is held costs, in heap that survives a collection: from two sizes, so that what is there
/// anyway does not count. And what a change allocates on its way.
final class MemoryWay implements Way {
  /// Of a snapshot that stalled readers ask for: so many of them may be held in memory at once.
  private static final int MESSAGES = 200;

  private static final int MESSAGE_BYTES = 10_000;
  private static final Duration REST = Duration.ofSeconds(1);

  private final Rig rig;
  private final Size size;
  private final Random random;
  private final Service bridge;
  private final Service shapes;
  private final Service gateway;

  MemoryWay(Stand stand) throws Exception {
    Followed followed = stand.followed();
    rig = followed.rig();
    size = stand.size();
    random = new Random(stand.options().seed() + 2);
    bridge = followed.bridge();
    shapes = followed.shapes();
    gateway = followed.gateways().getFirst();
  }

  @Override
  public void round(Results results) throws Exception {
    Own.Share share = new Own.Share();
    allocation(results);
    for (Held held : Held.values()) {
      held(held, results);
    }
    shapes(results);
    stalled("stalled reader at the shape-server", shapes, this::direct, results);
    stalled("stalled reader at the gateway", gateway, this::through, results);
    grown(results);
    results.generator(
        Generator.idle(
            Ways.MEMORY, "clients", share.cores(), "what is held is counted at rest, not timed"));
  }

  private long heap(Service service) throws InterruptedException {
    return size == Size.FULL ? service.probe().restingHeap(REST) : service.probe().liveHeap();
  }

  private interface Targets {
    List<Target> of(int count) throws Exception;
  }

  private void held(Held held, Results results) throws Exception {
    switch (held) {
      case BARE -> {
        Service nothing = rig.stand().nothing();
        Target target = NullServer.held(nothing);
        held(held, nothing, some -> Collections.nCopies(some, target), results);
      }
      case SHAPES -> {
        Target target = direct(conversations(1).getFirst());
        held(held, shapes, some -> Collections.nCopies(some, target), results);
      }
      case GATEWAY -> {
        Target target = through(conversations(1).getFirst());
        held(held, gateway, some -> Collections.nCopies(some, target), results);
      }
      case GATEWAY_OWN -> held(held, gateway, this::ownShapes, results);
    }
  }

  private List<Target> ownShapes(int count) throws Exception {
    List<Target> own = new ArrayList<>();
    for (UUID id : conversations(count)) {
      own.add(through(id));
    }
    return own;
  }

  private void held(Held held, Service service, Targets targets, Results results) throws Exception {
    int few = size.of(20, 500, 500);
    int many = size.of(60, 2_000, 3_000);
    try (LiveClients clients = new LiveClients()) {
      clients.add(targets.of(few));
      long before = heap(service);
      clients.add(targets.of(many - few));
      long with = heap(service);
      double bytes = (double) (with - before) / (many - few);
      add(results, held.subject(), "heap", "KB", bytes / 1e3);
      String sizes = Growth.sizes(few, many);
      switch (held) {
        case BARE -> {}
        case SHAPES -> results.cost(Growth.CLIENT, "shape-server", Growth.HEAP, bytes, "B", sizes);
        case GATEWAY -> results.cost(Growth.CLIENT, "gateway", Growth.HEAP, bytes, "B", sizes);
        case GATEWAY_OWN ->
            results.cost(Growth.OWN_CLIENT, "gateway", Growth.HEAP, bytes, "B", sizes);
      }
    }
  }

  private void shapes(Results results) throws Exception {
    int few = size.of(20, 200, 1_000);
    int many = size.of(100, 1_000, 10_000);
    FanOut.open(conversations(few).stream().map(this::direct).toList());
    long before = heap(shapes);
    FanOut.open(conversations(many - few).stream().map(this::direct).toList());
    long with = heap(shapes);
    double bytes = (double) (with - before) / (many - few);
    add(results, "shape that nobody follows", "heap", "KB", bytes / 1e3);
    results.cost(Growth.SHAPE, "shape-server", Growth.HEAP, bytes, "B", Growth.sizes(few, many));
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
      add(results, what, "heap", "KB", (double) (with - before) / (many - few) / 1e3);
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
    TimeUnit.MILLISECONDS.sleep(size.of(500, 1_000, 3_000));
    return heap(service);
  }

  /// Of every service on the way, per change that one client gets through a gateway.
  private void allocation(Results results) throws Exception {
    int warm = size.of(50, 200, 500);
    int count = size.of(100, 200, 1_000);
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
      Map<String, Long> before = new HashMap<>();
      services.forEach((name, service) -> before.put(name, service.probe().allocated()));
      writer.write(count, 100);
      clients.await(warm + count);
      for (Map.Entry<String, Service> service : new TreeMap<>(services).entrySet()) {
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
    int many = size.of(200, 1_000, 6_000);
    add(few);
    Map<String, Service> services = new TreeMap<>(Map.of("bridge", bridge, "shape-server", shapes));
    Map<String, Long> heap = heaps(services);
    Map<String, Double> cpu = cpu(services);
    long log = logBytes();
    add(many - few);
    String sizes = Growth.sizes(few, many);
    double more = many - few;
    String what = Growth.CONVERSATION;
    // At once: to ask for the heap is work, too.
    cpu(services)
        .forEach((name, now) -> {
          double micros = (now - cpu.getOrDefault(name, 0.0)) * 1e6 / more;
          results.cost(what, name, Growth.CPU, micros, "µs", sizes);
        });
    heaps(services)
        .forEach((name, now) -> {
          double bytes = (now - heap.getOrDefault(name, 0L)) / more;
          results.cost(what, name, Growth.HEAP, bytes, "B", sizes);
        });
    results.cost(what, "`penstock.log`", Growth.BYTES, (logBytes() - log) / more, "B", sizes);
  }

  private Map<String, Long> heaps(Map<String, Service> services) throws InterruptedException {
    Map<String, Long> heaps = new TreeMap<>();
    for (Map.Entry<String, Service> service : services.entrySet()) {
      heaps.put(service.getKey(), heap(service.getValue()));
    }
    return heaps;
  }

  private static Map<String, Double> cpu(Map<String, Service> services) {
    Map<String, Double> cpu = new TreeMap<>();
    services.forEach((name, service) -> cpu.put(name, service.cpuSeconds()));
    return cpu;
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
  public void close() {}
}
