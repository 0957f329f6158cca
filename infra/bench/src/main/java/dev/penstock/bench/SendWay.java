package dev.penstock.bench;

import dev.penstock.command.QuestionSql;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/// `POST /questions/send` by so many callers at once, at the command-service and through the
/// gateway, against the same statements by bare JDBC and behind the least of services; and at a
/// fixed rate.
final class SendWay implements Way {
  static final String BARE = "bare JDBC";
  static final String HTTP = "bare service";
  static final String SERVICE = "command-service";
  static final String GATEWAY = "through the gateway";

  private static final String OWNER = "bench";
  private static final String CONTENT = "What does it cost to ask? ".repeat(4);
  private static final List<String> SUBJECTS = List.of(BARE, HTTP, SERVICE, GATEWAY);
  // The command-service's own number of connections.
  private static final int CONNECTIONS = 10;
  private static final int WARM_CALLERS = 8;
  private static final int STEADY_RATE = 50;
  private static final int STEADY_CALLERS = 16;

  private final Rig rig;
  private final Service command;
  private final Service gateway;
  private final Service least;
  private final String token = Tokens.auth(OWNER);
  private final List<UUID> conversations;
  private boolean warm;

  SendWay(Stand stand) throws Exception {
    rig = stand.rig();
    command = rig.command();
    gateway = rig.gateway("http://127.0.0.1:1", command.url());
    rig.ready();
    least = BareService.start(rig, CONNECTIONS, OWNER);
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

  /// Sends one question.
  private interface Call extends AutoCloseable {
    void send(UUID conversation) throws IOException, SQLException;

    @Override
    void close() throws IOException, SQLException;
  }

  private interface Calls {
    Call open() throws Exception;
  }

  @Override
  public void round(Results results) throws Exception {
    Size size = rig.stand().size();
    double seconds = size.of(200, 800, 2_000) / 1e3;
    if (!warm) {
      for (String subject : SUBJECTS) {
        run(calls(subject), WARM_CALLERS, warmUp(subject, size));
      }
      warm = true;
    }
    for (int callers : callers(size)) {
      double most = run(nothing(), callers, seconds / 3);
      double mostSql = run(this::select, callers, seconds / 3);
      for (String subject : SUBJECTS) {
        run(calls(subject), callers, seconds / 4);
        double busy = Machine.busySeconds();
        double cpu = servicesCpu();
        Own.Share share = new Own.Share();
        double rate = run(calls(subject), callers, seconds);
        double took = share.seconds();
        results.add(Ways.SEND.id(), subject, figure(callers), "requests/s", rate);
        double perRequest = (servicesCpu() - cpu) * 1e3 / (rate * took);
        add(results, subject, figure(callers) + ", CPU of the services", "ms/request", perRequest);
        double cores = (Machine.busySeconds() - busy) / took;
        add(results, subject, figure(callers) + ", the whole machine", "cores busy", cores);
        boolean bare = subject.equals(BARE);
        results.generator(
            new Generator(
                Ways.SEND.id(),
                subject + ", " + figure(callers),
                share.cores(),
                rate,
                bare ? mostSql : most,
                "requests/s",
                bare ? "`select 1` by the same callers" : "a null server, by the same callers"));
      }
    }
    for (String subject : SUBJECTS) {
      results.latencies(
          Ways.SEND.id(), subject, steady(calls(subject), STEADY_RATE * size.of(1, 1, 4)));
    }
  }

  /// In seconds. The longer a request's way, the more thousands of them until all of it is
  /// compiled: in short mode, the services are not warm.
  private static double warmUp(String subject, Size size) {
    int full =
        switch (subject) {
          case BARE -> 3;
          case HTTP -> 6;
          case SERVICE -> 20;
          default -> 28;
        };
    return full * size.of(1, 25, 100) / 100.0;
  }

  /// Of command-service and gateway.
  private double servicesCpu() {
    return command.cpuSeconds() + gateway.cpuSeconds();
  }

  private static void add(
      Results results, String subject, String figure, String unit, double value) {
    if (Double.isFinite(value)) {
      results.add(Ways.SEND.id(), subject, figure, unit, value);
    }
  }

  private Calls nothing() throws Exception {
    int port = rig.stand().nothing().port();
    return () -> http(port);
  }

  private Calls calls(String subject) {
    return switch (subject) {
      case BARE -> this::jdbc;
      case HTTP -> () -> http(least.port());
      case SERVICE -> () -> http(command.port());
      default -> () -> http(gateway.port());
    };
  }

  /// @return questions per second
  private double run(Calls calls, int callers, double seconds) throws Exception {
    AtomicInteger done = new AtomicInteger();
    long began = System.nanoTime();
    long end = began + (long) (seconds * 1e9);
    each(
        calls,
        callers,
        (call, caller) -> {
          UUID conversation = conversations.get(caller % conversations.size());
          while (System.nanoTime() < end) {
            call.send(conversation);
            done.incrementAndGet();
          }
        });
    return done.get() / ((System.nanoTime() - began) / 1e9);
  }

  /// At a fixed rate, each by the first free caller.
  private Latencies steady(Calls calls, int count) throws Exception {
    Latencies latencies = new Latencies();
    AtomicInteger next = new AtomicInteger();
    long began = System.nanoTime() + 50_000_000;
    each(
        calls,
        STEADY_CALLERS,
        (call, caller) -> {
          UUID conversation = conversations.get(caller % conversations.size());
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
    return latencies;
  }

  private interface Work {
    void run(Call call, int caller) throws Exception;
  }

  private static void each(Calls calls, int callers, Work work) throws Exception {
    List<Call> open = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(callers)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < callers; i++) {
        Call call = calls.open();
        open.add(call);
        int caller = i;
        all.add(
            threads.submit(() -> {
              work.run(call, caller);
              return null;
            }));
      }
      for (Future<?> one : all) {
        var _ = one.get();
      }
    } finally {
      for (Call call : open) {
        call.close();
      }
    }
  }

  private Call http(int port) throws Exception {
    Caller caller = new Caller(port, "/questions/send", token);
    return new Call() {
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

  private Call select() throws SQLException {
    Connection connection = rig.connect();
    PreparedStatement statement = connection.prepareStatement("select 1");
    return new Call() {
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

  private Call jdbc() throws Exception {
    Connection connection = rig.connect();
    connection.setAutoCommit(false);
    PreparedStatement statement =
        connection.prepareStatement(QuestionSql.of(conversations.getFirst(), OWNER, CONTENT).sql());
    return new Call() {
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
    least.close();
    rig.close();
  }
}
