package dev.penstock.local;

import dev.penstock.contracts.Migrations;
import dev.penstock.contracts.Topics;
import dev.penstock.stack.PostgresServer;
import dev.penstock.stack.TestStack;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// Every service in the test's JVM, on a database and topics of its own that the test may look
/// into.
final class WholeWay implements AutoCloseable {
  final String database = TestStack.newDatabase();
  final Topics topics = new Topics(TestStack.newTopicPrefix() + "p");
  final String url;
  private final Path directory = SharedPenstock.Directories.temporary("penstock-way");
  private final Deque<AutoCloseable> started = new ArrayDeque<>();

  WholeWay(String... more) throws Exception {
    String slot = "w_" + UUID.randomUUID().toString().replace("-", "");
    List<String> arguments = new ArrayList<>();
    arguments.add("--data-dir=" + directory);
    arguments.add("--gateway-port=0");
    arguments.add("--shapes-port=0");
    arguments.add("--bridge-slot=" + slot);
    arguments.add("--answers-offline-word-delay=1ms");
    for (String service : List.of("gateway", "shapes", "command", "answers", "bridge")) {
      arguments.add("--" + service + "-topic-prefix=" + topics.prefix());
    }
    Collections.addAll(arguments, more);
    new Migrations(database, "postgres", "", Migrations.DEFAULT_NAME, slot).migrate();
    try {
      url =
          new Services(
                  Settings.of(Map.of(), arguments),
                  Secrets.in(directory),
                  new Launcher.Backends(
                      database, PostgresServer.withoutUser(database), TestStack.bootstrapServers()),
                  new Progress(System.out),
                  started::push,
                  new Instances(1, false, directory, System.out::println, () -> false))
              .start();
    } catch (Exception e) {
      close();
      throw e;
    }
  }

  @Override
  public void close() {
    while (!started.isEmpty()) {
      try {
        started.pop().close();
      } catch (Exception e) {
        throw new AssertionError("a service did not stop", e);
      }
    }
    SharedPenstock.Directories.delete(directory);
  }
}
