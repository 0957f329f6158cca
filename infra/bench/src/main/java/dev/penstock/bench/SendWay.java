package dev.penstock.bench;

import dev.penstock.command.QuestionSql;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// `POST /questions/send` by so many callers at once, at the command-service and through the
/// gateway, against the same statements by bare JDBC, behind the least of services, and behind the
/// least of relays before it; and at a fixed rate.
final class SendWay implements Way {
  static final String BARE = "bare JDBC";
  static final String HTTP = "bare service";
  static final String RELAY = "bare service behind a relay";
  static final String SERVICE = "command-service";
  static final String GATEWAY = "through the gateway";

  private static final String OWNER = "bench";
  private static final String CONTENT = "What does it cost to ask? ".repeat(4);
  private static final List<String> SUBJECTS = List.of(BARE, HTTP, RELAY, SERVICE, GATEWAY);
  // The command-service's own number of connections.
  private static final int CONNECTIONS = 10;
  // Turns of the subjects within a round, so that a slow minute of the machine is all theirs.
  private static final int TURNS = 4;
  private static final int STEADY_RATE = 50;
  private static final int STEADY_CALLERS = 16;

  private final Rig rig;
  private final Service command;
  private final Service gateway;
  private final Service least;
  private final Service relay;
  private final String token = Tokens.auth(OWNER);
  private final List<UUID> conversations;
  private boolean warm;

  SendWay(Stand stand) throws Exception {
    rig = stand.rig();
    command = rig.command();
    gateway = rig.gateway("http://127.0.0.1:1", command.url());
    rig.ready();
    least = BareService.start(rig, CONNECTIONS, OWNER);
    relay = BareRelay.start(rig, least);
    try (Connection connection = rig.connect()) {
      conversations =
          Writer.conversations(connection, 64, OWNER, new Random(stand.options().seed()));
    }
  }

  static int[] callers(Size size) {
    return switch (size) {
      case SMOKE -> new int[] {1, 4};
      case SHORT -> new int[] {1, 16};
      case FULL -> new int[] {1, 4, 16, 64};
    };
  }

  static String figure(int callers) {
    return callers + (callers == 1 ? " caller" : " callers");
  }

  @Override
  public void round(Results results) throws Exception {
    Size size = rig.stand().size();
    if (!warm) {
      for (String subject : SUBJECTS) {
        // The most first: callers that wait for a connection take other ways through the code.
        try (Callers most =
            new Callers(calls(subject), callers(size)[callers(size).length - 1], conversations)) {
          warmUp(most, subject, size.of(100, 4_000, 30_000) / 1e3);
        }
      }
      warm = true;
    }
    for (int callers : callers(size)) {
      round(callers, results);
    }
    for (String subject : SUBJECTS) {
      results.latencies(Ways.SEND.id(), subject, steady(subject, STEADY_RATE * size.of(1, 1, 4)));
    }
  }

  private void warmUp(Callers callers, String subject, double most) throws Exception {
    double seconds = Math.min(1, most);
    WarmUp.run(services(subject), most, () -> callers.run(seconds));
  }

  private void round(int callers, Results results) throws Exception {
    Size size = rig.stand().size();
    double most = most(nothing(), callers);
    double mostSql = most(this::select, callers);
    Map<String, Measured> all = new LinkedHashMap<>();
    try {
      for (String subject : SUBJECTS) {
        Measured measured = new Measured(new Callers(calls(subject), callers, conversations));
        all.put(subject, measured);
        warmUp(measured.callers, subject, size.of(50, 500, 4_000) / 1e3);
      }
      for (int turn = 0; turn < TURNS; turn++) {
        for (Measured measured : all.values()) {
          measured.turn(size.of(50, 300, 1_000) / 1e3);
        }
      }
    } finally {
      for (Measured measured : all.values()) {
        measured.callers.close();
      }
    }
    all.forEach((subject, measured) -> {
      boolean bare = subject.equals(BARE);
      measured.add(subject, callers, results);
      results.generator(
          new Generator(
              Ways.SEND.id(),
              subject + ", " + figure(callers),
              measured.ownSeconds / measured.seconds,
              measured.rate(),
              bare ? mostSql : most,
              "requests/s",
              bare ? "`select 1` by the same callers" : "a null server, by the same callers"));
    });
  }

  /// Of the load generator: requests per second, of which nothing comes.
  private double most(Callers.Calls calls, int callers) throws Exception {
    double seconds = rig.stand().size().of(50, 300, 1_000) / 1e3;
    try (Callers all = new Callers(calls, callers, conversations)) {
      all.run(seconds);
      long began = System.nanoTime();
      return all.run(seconds) / ((System.nanoTime() - began) / 1e9);
    }
  }

  /// One subject's turns of a round.
  private final class Measured {
    private final Callers callers;
    private long requests;
    private double seconds;
    private double serviceSeconds;
    private double machineSeconds;
    private double ownSeconds;

    Measured(Callers callers) {
      this.callers = callers;
    }

    void turn(double length) throws Exception {
      double machine = Machine.busySeconds();
      double services = servicesCpu();
      double own = Own.cpuSeconds();
      long began = System.nanoTime();
      requests += callers.run(length);
      seconds += (System.nanoTime() - began) / 1e9;
      ownSeconds += Own.cpuSeconds() - own;
      serviceSeconds += servicesCpu() - services;
      machineSeconds += Machine.busySeconds() - machine;
    }

    double rate() {
      return requests / seconds;
    }

    void add(String subject, int count, Results results) {
      String figure = figure(count);
      results.add(Ways.SEND.id(), subject, figure, "requests/s", rate());
      finite(
          results,
          subject,
          figure + ", CPU of the services",
          "ms/request",
          serviceSeconds * 1e3 / requests);
      finite(
          results, subject, figure + ", the whole machine", "cores busy", machineSeconds / seconds);
    }

    private static void finite(
        Results results, String subject, String figure, String unit, double value) {
      if (Double.isFinite(value)) {
        results.add(Ways.SEND.id(), subject, figure, unit, value);
      }
    }
  }

  private double servicesCpu() {
    return Stream.of(least, relay, command, gateway).mapToDouble(Service::cpuSeconds).sum();
  }

  private List<Service> services(String subject) {
    return switch (subject) {
      case BARE -> List.of();
      case HTTP -> List.of(least);
      case RELAY -> List.of(relay, least);
      case SERVICE -> List.of(command);
      default -> List.of(gateway, command);
    };
  }

  private Callers.Calls nothing() throws Exception {
    int port = rig.stand().nothing().port();
    return () -> http(port);
  }

  private Callers.Calls calls(String subject) {
    return switch (subject) {
      case BARE -> this::jdbc;
      case HTTP -> () -> http(least.port());
      case RELAY -> () -> http(relay.port());
      case SERVICE -> () -> http(command.port());
      default -> () -> http(gateway.port());
    };
  }

  /// At a fixed rate, each by the first free caller.
  private Latencies steady(String subject, int count) throws Exception {
    Latencies latencies = new Latencies();
    AtomicInteger next = new AtomicInteger();
    long began = System.nanoTime() + 50_000_000;
    try (Callers callers = new Callers(calls(subject), STEADY_CALLERS, conversations)) {
      callers.each((call, conversation) -> {
        for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
          long due = began + i * 1_000_000_000L / STEADY_RATE;
          Waiting.at(due);
          long sent = System.nanoTime();
          call.send(conversation);
          long answered = System.nanoTime();
          synchronized (latencies) {
            latencies.record(due, sent, answered);
          }
        }
      });
    }
    return latencies;
  }

  private Callers.Call http(int port) throws Exception {
    Caller caller = new Caller(port, "/questions/send", token);
    return new Callers.Call() {
      @Override
      public void send(UUID conversation) throws IOException {
        caller.post(
            "{\"conversationId\":\"%s\",\"questionId\":\"%s\",\"answerId\":\"%s\",\"content\":\"%s\"}"
                .formatted(conversation, UUID.randomUUID(), UUID.randomUUID(), CONTENT));
      }

      @Override
      public void close() throws IOException {
        caller.close();
      }
    };
  }

  private Callers.Call select() throws SQLException {
    Connection connection = rig.connect();
    PreparedStatement statement = connection.prepareStatement("select 1");
    return new Callers.Call() {
      @Override
      public void send(UUID conversation) throws SQLException {
        statement.execute();
      }

      @Override
      public void close() throws SQLException {
        connection.close();
      }
    };
  }

  private Callers.Call jdbc() throws Exception {
    Connection connection = rig.connect();
    connection.setAutoCommit(false);
    PreparedStatement statement =
        connection.prepareStatement(QuestionSql.of(conversations.getFirst(), OWNER, CONTENT).sql());
    return new Callers.Call() {
      @Override
      public void send(UUID conversation) throws SQLException {
        List<Object> parameters = QuestionSql.of(conversation, OWNER, CONTENT).parameters();
        for (int i = 0; i < parameters.size(); i++) {
          statement.setObject(i + 1, parameters.get(i));
        }
        statement.execute();
        connection.commit();
      }

      @Override
      public void close() throws SQLException {
        connection.close();
      }
    };
  }

  @Override
  public void close() {
    relay.close();
    least.close();
    rig.close();
  }
}
