package dev.penstock.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/// Runs the unmodified npm clients in Node.
final class NodeClients {
  static final Path DIRECTORY = Path.of("src", "test", "node");

  private NodeClients() {}

  /// Asks questions as `user` and returns what `ask.mjs` saw.
  static JsonNode ask(String url, String user, int questions, String... conversation)
      throws IOException {
    List<String> command =
        new ArrayList<>(List.of("node", "ask.mjs", url, user, Integer.toString(questions)));
    command.addAll(List.of(conversation));
    Process process =
        new ProcessBuilder(command)
            .directory(DIRECTORY.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (!process.waitFor(180, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new AssertionError("the Node client failed: " + output);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return Api.JSON.readTree(output);
  }
}
