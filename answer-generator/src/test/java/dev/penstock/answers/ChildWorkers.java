package dev.penstock.answers;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Workers in processes of their own, which can be killed.
final class ChildWorkers implements AutoCloseable {
  private final Conversations conversations;
  private final Map<String, Object> changes;
  private final List<Process> processes = new ArrayList<>();
  private int started;

  ChildWorkers(Conversations conversations, Map<String, Object> changes) {
    this.conversations = conversations;
    this.changes = changes;
  }

  Process start() throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx192m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                AnswersApplication.class.getName()));
    conversations.settings(changes).forEach((key, value) -> command.add("--" + key + "=" + value));
    File log =
        new File("target/worker-" + conversations.topics.prefix() + "-" + ++started + ".log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start();
    processes.add(process);
    return process;
  }

  List<Process> alive() {
    return processes.stream().filter(Process::isAlive).toList();
  }

  /// Which of them holds an answer now, by the names in the leases.
  List<Process> busy() {
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

  static void kill(Process process) {
    try {
      process.destroyForcibly().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Lets a worker hand on what it has.
  static boolean stop(Process process) throws InterruptedException {
    process.destroy();
    return process.waitFor(10, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    processes.forEach(ChildWorkers::kill);
  }
}
