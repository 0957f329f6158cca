package dev.penstock.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The unmodified npm clients in Node, by the scripts of the end-to-end tests.
final class NpmClients {
  private static final Path SCRIPTS = Path.of("infra", "local", "src", "test", "node");

  private NpmClients() {}

  /// Begins to run a script; what it says to people goes to this program's own.
  static Process start(String script, String... arguments)
      throws IOException, InterruptedException {
    if (!Files.exists(directory().resolve("node_modules"))) {
      end(command(List.of("npm", "ci", "--prefer-offline", "--silent")));
    }
    List<String> words = new ArrayList<>(List.of("node", script));
    words.addAll(List.of(arguments));
    return command(words);
  }

  /// What a script prints.
  static String run(String script, String... arguments) throws IOException, InterruptedException {
    return end(start(script, arguments));
  }

  /// Waits for its end, up to 5 minutes from when it has printed everything.
  ///
  /// @return what it printed and nobody has read
  static String end(Process process) throws IOException, InterruptedException {
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (!process.waitFor(5, TimeUnit.MINUTES) || process.exitValue() != 0) {
      throw new IOException(process.info().commandLine().orElse("npm's client") + ": " + output);
    }
    return output;
  }

  private static Path directory() {
    return Environment.root().resolve(SCRIPTS);
  }

  private static Process command(List<String> words) throws IOException {
    return new ProcessBuilder(words)
        .directory(directory().toFile())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }
}
