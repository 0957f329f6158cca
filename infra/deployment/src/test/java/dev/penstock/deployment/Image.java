package dev.penstock.deployment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// An image tar, unpacked, whose program runs on this machine's JVM instead of the image's own.
///
/// @param root what would be `/` in the container
/// @param config the image's `config`: entrypoint, user and so on
/// @param layers how many there are
record Image(Path root, JsonNode config, int layers) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /// Unpacks as an engine does: one layer over the other.
  static Image unpack(Path tar, Path directory) throws IOException, InterruptedException {
    Path parts = Files.createDirectories(directory.resolve("image"));
    Path root = Files.createDirectories(directory.resolve("root"));
    untar(tar, parts);
    JsonNode manifest = JSON.readTree(Files.readString(parts.resolve("manifest.json"))).get(0);
    for (JsonNode layer : manifest.get("Layers")) {
      untar(parts.resolve(layer.asString()), root);
    }
    JsonNode config =
        JSON.readTree(Files.readString(parts.resolve(manifest.get("Config").asString())));
    return new Image(root, config.get("config"), manifest.get("Layers").size());
  }

  private static void untar(Path tar, Path directory) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("tar", "-xf", tar.toString(), "-C", directory.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (process.waitFor() != 0) {
      throw new IOException(tar + " could not be unpacked");
    }
  }

  /// The image's entrypoint.
  List<String> entrypoint() {
    return config.get("Entrypoint").valueStream().map(JsonNode::asString).toList();
  }

  /// Runs a command of the image with this environment and no other.
  ///
  /// @param output of both streams
  Process run(List<String> command, Map<String, String> environment, Path directory, Path output)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(here(command))
            .directory(Files.createDirectories(directory).toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder.start();
  }

  /// The JVM is this machine's, `/app` is below [#root], and memory is shared with others.
  private List<String> here(List<String> command) throws IOException {
    List<String> here = new ArrayList<>();
    here.add(ProcessHandle.current().info().command().orElseThrow());
    here.add("-Djava.io.tmpdir=" + Files.createDirectories(root.resolveSibling("tmp")));
    for (String word : command.subList(1, command.size())) {
      if (word.startsWith("@/")) {
        here.add(classPath(word.substring(2)));
      } else {
        here.add(word.startsWith("-XX:MaxRAMPercentage") ? "-Xmx384m" : word);
      }
    }
    return here;
  }

  private String classPath(String file) throws IOException {
    return List.of(Files.readString(root.resolve(file)).split(":")).stream()
        .map(entry -> root + entry)
        .collect(Collectors.joining(":"));
  }

  /// Of every library, name and version, without the classifier of natives.
  Set<String> libraries() throws IOException {
    try (var files = Files.list(root.resolve("app/libs"))) {
      return files
          .map(file -> file.getFileName().toString().replaceFirst("\\.jar$", ""))
          .map(name -> name.replaceFirst("-(linux|osx|windows)-.*$", ""))
          // Annotations without code, of which Maven chooses another version in each module.
          .filter(name -> !name.startsWith("error_prone_annotations-"))
          .collect(Collectors.toSet());
    }
  }

  /// Every file with its size and time, to see whether something was written.
  Map<String, String> files() throws IOException {
    try (var files = Files.walk(root)) {
      return files
          .filter(Files::isRegularFile)
          .collect(Collectors.toMap(Path::toString, Image::state));
    }
  }

  private static String state(Path file) {
    return file.toFile().length() + "@" + file.toFile().lastModified();
  }
}
