package dev.penstock.answers;

import dev.penstock.stack.ChildJvm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Workers in processes of their own, which can be killed.
final class ChildWorkers implements AutoCloseable {
  private final Conversations conversations;
  private final Map<String, Object> changes;
  private final List<ChildJvm> processes = new ArrayList<>();
  private int started;

  ChildWorkers(Conversations conversations, Map<String, Object> changes) {
    this.conversations = conversations;
    this.changes = changes;
  }

  ChildJvm start() {
    List<String> arguments = new ArrayList<>();
    conversations
        .settings(changes)
        .forEach((key, value) -> arguments.add("--" + key + "=" + value));
    Path log = Path.of("target/worker-" + conversations.topics.prefix() + "-" + ++started + ".log");
    ChildJvm process = ChildJvm.start(AnswersApplication.class, log, arguments);
    processes.add(process);
    return process;
  }

  List<ChildJvm> alive() {
    return processes.stream().filter(ChildJvm::isRunning).toList();
  }

  /// Which of them holds an answer now, by the names in the leases.
  List<ChildJvm> busy() {
    List<Long> holders =
        conversations
            .jdbc
            .sql(
                "select distinct split_part(worker, '-', 2)::bigint from answer_leases"
                    + " where until > now()")
            .query((row, number) -> row.getLong(1))
            .list();
    return alive().stream().filter(process -> holders.contains(process.pid())).toList();
  }

  /// Lets a worker hand on what it has.
  static boolean stop(ChildJvm process) {
    process.terminate();
    return process.awaitExit(Duration.ofSeconds(10)).isPresent();
  }

  @Override
  public void close() {
    processes.forEach(ChildJvm::close);
  }
}
