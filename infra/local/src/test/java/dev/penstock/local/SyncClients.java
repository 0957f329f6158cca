package dev.penstock.local;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/// `sync.mjs`: several of the unmodified npm clients on one conversation, in one Node process.
final class SyncClients implements AutoCloseable {
  private final Process process;
  private final Writer input;
  private final List<String> names;
  private final List<String> warnings = new CopyOnWriteArrayList<>();
  private final Map<String, String> stopped = new java.util.concurrent.ConcurrentHashMap<>();
  private final BlockingQueue<JsonNode> states = new LinkedBlockingQueue<>();

  /// What a client holds and what it has seen.
  ///
  /// @param rows sorted, as `id role status content`
  /// @param inserted how many inserts it was given
  /// @param twice ids of rows that were inserted though they were there
  /// @param refetches how often it was told to begin anew
  /// @param errors that it asked its application about
  record State(List<String> rows, int inserted, List<String> twice, int refetches, int errors) {}

  private SyncClients(Process process, List<String> names) {
    this.process = process;
    this.input = process.outputWriter(StandardCharsets.UTF_8);
    this.names = names;
    Thread.ofPlatform().daemon().name("sync-clients").start(this::read);
  }

  /// @param options of the script: `again`, `document`
  static SyncClients start(
      String url, String user, UUID conversation, List<String> names, String... options) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "node", "sync.mjs", url, user, conversation.toString(), String.join(",", names)));
    command.addAll(List.of(options));
    try {
      return new SyncClients(
          new ProcessBuilder(command)
              .directory(NodeClients.DIRECTORY.toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start(),
          names);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read() {
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        JsonNode said = Api.JSON.readTree(line);
        if (said.has("warning")) {
          warnings.add(said.get("warning").asString());
        } else if (said.has("stopped")) {
          stopped.put(said.get("stopped").asString(), said.get("reason").asString());
        } else {
          states.add(said.get("clients"));
        }
      }
    } catch (IOException e) {
      warnings.add("output ended: " + e.getMessage());
    }
  }

  List<String> names() {
    return names;
  }

  /// What the clients have said to their console.
  List<String> warnings() {
    return warnings;
  }

  /// The clients that have given up for good, and why.
  Map<String, String> stopped() {
    return stopped;
  }

  Map<String, State> states() {
    states.clear();
    say("state");
    JsonNode all;
    try {
      all = states.poll(60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (all == null) {
      throw new AssertionError("the clients do not answer: " + warnings);
    }
    Map<String, State> result = new TreeMap<>();
    for (String name : names) {
      JsonNode client = all.get(name);
      result.put(
          name,
          new State(
              texts(client.get("rows")),
              client.get("inserted").asInt(),
              texts(client.get("twice")),
              client.get("refetches").asInt(),
              client.get("errors").asInt()));
    }
    return result;
  }

  private static List<String> texts(JsonNode list) {
    return list.valueStream().map(JsonNode::asString).toList();
  }

  /// The page is in another tab.
  void hide() {
    say("hide");
  }

  void show() {
    say("show");
  }

  private void say(String line) {
    try {
      input.write(line + "\n");
      input.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The machine sleeps.
  void sleep() {
    signal("-STOP");
  }

  void wake() {
    signal("-CONT");
  }

  private void signal(String signal) {
    try {
      int exit = new ProcessBuilder("kill", signal, Long.toString(process.pid())).start().waitFor();
      if (exit != 0) {
        throw new AssertionError("kill " + signal + " ended with " + exit);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
