package dev.penstock.stack;

import java.io.IOException;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaRaftServer;

/// The main class of [ChildKafkaBroker]: one argument, the `server.properties`; says [#READY] on
/// standard output; ends at the end of standard input, which the kernel closes when the parent dies
/// in whatever way.
final class KafkaBrokerProcess {
  static final String READY = "ready";

  private KafkaBrokerProcess() {}

  public static void main(String[] arguments) throws IOException {
    PrintStream parent = System.out;
    System.setOut(System.err);
    Thread.ofPlatform().daemon().name("parent-watch").start(KafkaBrokerProcess::dieWithParent);
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(Path.of(arguments[0]))) {
      properties.load(reader);
    }
    KafkaRaftServer server = InProcessKafkaBroker.serve(properties);
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown, "kafka-stop"));
    parent.println(READY);
    parent.flush();
    server.awaitShutdown();
  }

  private static void dieWithParent() {
    try {
      while (System.in.read() != -1) {
        // Nothing is ever said on it.
      }
    } catch (IOException e) {
      // As good as the end.
    }
    Runtime.getRuntime().halt(1);
  }
}
