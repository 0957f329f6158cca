package dev.penstock.bench;

import dev.penstock.stack.ChildJvm;
import dev.penstock.stack.EmbeddedStack;
import dev.penstock.stack.StackOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;

/// What the whole stack's start is compared with: Postgres and Kafka alone, started by the same
/// library in one JVM, from nothing to the first row that is written and read.
final class BareStack implements AutoCloseable {
  private static final Duration STOP = Duration.ofSeconds(60);

  private final ChildJvm jvm;
  private final Path output;

  private BareStack(ChildJvm jvm, Path output) {
    this.jvm = jvm;
    this.output = output;
  }

  /// Begins to start it, on an empty directory.
  static BareStack start(Stand stand) {
    Path directory = stand.directory().resolve("stack-" + UUID.randomUUID());
    Path output = Path.of(directory + ".out");
    BareStack stack =
        new BareStack(
            ChildJvm.start(Whole.FLAGS, BareStack.class, output, List.of(directory.toString())),
            output);
    // Its Postgres is a process that would outlive it.
    stand.own(stack);
    return stack;
  }

  /// Waits until it has said so.
  void await(String word) throws Exception {
    Waiting.until(
        "Postgres and Kafka",
        () -> {
          String printed = Files.exists(output) ? Files.readString(output) : "";
          if (!jvm.isRunning()) {
            throw new IllegalStateException("Postgres and Kafka ended: " + printed);
          }
          return printed.contains(word);
        });
  }

  /// Argument: a directory. Prints READY, then ROW, and runs until it is stopped.
  public static void main(String[] arguments) throws Exception {
    EmbeddedStack stack = EmbeddedStack.start(StackOptions.in(Path.of(arguments[0])));
    Runtime.getRuntime().addShutdownHook(new Thread(stack::close));
    System.out.println("READY");
    try (Connection connection = DriverManager.getConnection(stack.jdbcUrl("postgres"));
        Statement statement = connection.createStatement()) {
      statement.execute("create table first (id int)");
      statement.execute("insert into first values (1)");
      try (var row = statement.executeQuery("select id from first")) {
        row.next();
        System.out.println("ROW");
      }
    }
    new CountDownLatch(1).await();
  }

  @Override
  public void close() {
    // ChildJvm.terminate() also closes its input, at which it ends at once and leaves its Postgres.
    ProcessHandle.of(jvm.pid()).ifPresent(ProcessHandle::destroy);
    var _ = jvm.awaitExit(STOP);
    jvm.close();
  }
}
