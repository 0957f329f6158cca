package dev.penstock.local;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/// `follow.mjs`: the unmodified npm client on some conversations, and when it saw what.
final class NodeFollower implements AutoCloseable {
  private final Process process;
  private final Map<String, Long> seen = new ConcurrentHashMap<>();
  private final Set<String> completed = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<JsonNode> end = new CompletableFuture<>();

  private NodeFollower(Process process) {
    this.process = process;
    Thread.ofPlatform().daemon().name("follower").start(this::read);
  }

  static NodeFollower start(String url, String user, List<UUID> conversations) {
    List<String> command = new ArrayList<>(List.of("node", "follow.mjs", url, user));
    conversations.forEach(id -> command.add(id.toString()));
    try {
      return new NodeFollower(
          new ProcessBuilder(command)
              .directory(NodeClients.DIRECTORY.toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read() {
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        JsonNode said = Api.JSON.readTree(line);
        if (said.has("seen")) {
          seen.putIfAbsent(said.get("seen").asString(), System.nanoTime());
        } else if (said.has("completed")) {
          completed.add(said.get("completed").asString());
        } else {
          end.complete(said);
        }
      }
    } catch (IOException e) {
      end.completeExceptionally(e);
    }
    end.completeExceptionally(new AssertionError("the follower ended"));
  }

  /// By id, in the time of [System#nanoTime].
  Map<String, Long> seen() {
    return seen;
  }

  /// How many rows it saw in their last state.
  int completed() {
    return completed.size();
  }

  /// Ends it; what it held.
  JsonNode end() throws Exception {
    process.getOutputStream().close();
    return end.get(20, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
