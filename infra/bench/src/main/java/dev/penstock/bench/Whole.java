package dev.penstock.bench;

import dev.penstock.local.Penstock;
import dev.penstock.stack.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What `infra/run` starts: Postgres, Kafka and every service, in one JVM but for Postgres.
final class Whole implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("Penstock is ready: (http://\\S+)");
  static final List<String> FLAGS = List.of("-Xmx768m", "-XX:+UseSerialGC");
  private static final Duration STOP = Duration.ofSeconds(60);

  private final ChildJvm jvm;
  private final Path output;
  private final int kafkaPort;

  private Whole(ChildJvm jvm, Path output, int kafkaPort) {
    this.jvm = jvm;
    this.output = output;
    this.kafkaPort = kafkaPort;
  }

  /// Begins to start it, on an empty directory.
  static Whole start(Stand stand) throws IOException {
    Path directory = stand.directory().resolve("whole-" + UUID.randomUUID());
    Path output = Path.of(directory + ".out");
    int kafkaPort = Stand.freePort();
    List<String> arguments = new ArrayList<>();
    for (String port : List.of("gateway", "postgres", "shapes", "command")) {
      arguments.add("--" + port + "-port=0");
    }
    arguments.add("--kafka-port=" + kafkaPort);
    arguments.add("--data-dir=" + directory);
    // Whatever the environment says, for the comparison.
    arguments.add("--electric-url=");
    arguments.add("--electric-secret=");
    arguments.add("--database-url=");
    Whole whole =
        new Whole(ChildJvm.start(FLAGS, Penstock.class, output, arguments), output, kafkaPort);
    // Its Postgres is a process that would outlive it.
    stand.own(whole);
    return whole;
  }

  /// Its address, once it says that it is ready.
  String url() throws Exception {
    String[] url = new String[1];
    Waiting.until(
        "Penstock",
        () -> {
          Matcher ready = READY.matcher(Files.exists(output) ? Files.readString(output) : "");
          if (!jvm.isRunning()) {
            throw new IllegalStateException("Penstock ended: " + Files.readString(output));
          }
          if (ready.find()) {
            url[0] = ready.group(1);
          }
          return url[0] != null;
        });
    return url[0];
  }

  String bootstrapServers() {
    return "127.0.0.1:" + kafkaPort;
  }

  /// Of the JVM; not a number where the system does not say.
  double cpuSeconds() {
    return ProcessClock.seconds(jvm.pid()).orElse(Double.NaN);
  }

  Probe probe() throws IOException {
    return new Probe(jvm.pid());
  }

  /// Asks a question as a new user, and returns when its row is in the shape.
  void syncFirstRow() throws Exception {
    String url = url();
    String user = "cold-" + UUID.randomUUID();
    String login =
        Http.post(url + "/dev/login", null, Map.of("user", user)).get("token").asString();
    String conversation = UUID.randomUUID().toString();
    String question = UUID.randomUUID().toString();
    var _ = Http.post(url + "/conversations", login, Map.of("id", conversation, "title", "cold"));
    String shape =
        Http.post(
                url + "/shapes/auth-token",
                login,
                Map.of("table", "messages", "params", Map.of("conversationId", conversation)))
            .get("token")
            .asString();
    var snapshot = Http.get(url + "/shape?offset=-1", shape);
    var _ =
        Http.post(
            url + "/questions/send",
            login,
            Map.of(
                "conversationId",
                conversation,
                "questionId",
                question,
                "answerId",
                UUID.randomUUID().toString(),
                "content",
                "Are you there?"));
    String handle = snapshot.headers().firstValue("electric-handle").orElseThrow();
    String offset = snapshot.headers().firstValue("electric-offset").orElseThrow();
    boolean found = snapshot.body().contains(question);
    while (!found) {
      var live =
          Http.get("%s/shape?offset=%s&handle=%s&live=true".formatted(url, offset, handle), shape);
      offset = live.headers().firstValue("electric-offset").orElseThrow();
      found = live.body().contains(question);
    }
  }

  @Override
  public void close() {
    // ChildJvm.terminate() also closes its input, at which it ends at once and leaves its Postgres.
    ProcessHandle.of(jvm.pid()).ifPresent(ProcessHandle::destroy);
    var _ = jvm.awaitExit(STOP);
    jvm.close();
  }
}
