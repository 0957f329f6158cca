package dev.penstock.local;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/// `live.mjs`: unmodified npm clients that ask and follow, and what a person would see of it.
final class LiveClients implements AutoCloseable {
  private final Process process;
  private final List<Confirmed> confirmed = new CopyOnWriteArrayList<>();
  private final CompletableFuture<JsonNode> end = new CompletableFuture<>();

  /// @param at when, by [System#nanoTime]
  /// @param millis from the POST to `awaitTxId`
  record Confirmed(long at, double millis) {}

  private LiveClients(Process process) {
    this.process = process;
    Thread.ofPlatform().daemon().name("live-clients").start(this::read);
  }

  /// @param pause in milliseconds, of each conversation behind each question
  static LiveClients start(String url, String user, int pause, List<UUID> conversations) {
    List<String> command =
        new ArrayList<>(List.of("node", "live.mjs", url, user, Integer.toString(pause)));
    conversations.forEach(id -> command.add(id.toString()));
    try {
      return new LiveClients(
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
        if (said.has("confirmed")) {
          confirmed.add(new Confirmed(System.nanoTime(), said.get("confirmed").asDouble()));
        } else {
          end.complete(said);
        }
      }
    } catch (IOException e) {
      end.completeExceptionally(e);
    }
    end.completeExceptionally(new AssertionError("the clients ended"));
  }

  List<Confirmed> confirmed() {
    return confirmed;
  }

  /// Ends the asking; what they hold when all is answered.
  JsonNode end() throws Exception {
    process.getOutputStream().close();
    return end.get(90, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
