package dev.penstock.contracts;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// Reads the documents; YAML is a superset of JSON.
final class Documents {
  private static final YAMLMapper YAML = YAMLMapper.builder().build();

  private Documents() {}

  static JsonNode read(URL document) {
    try (InputStream in = document.openStream()) {
      return YAML.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static JsonNode parse(String yaml) {
    return YAML.readTree(yaml);
  }

  static JsonNode resource(String name) {
    return read(Objects.requireNonNull(Contracts.class.getResource(name), name));
  }

  /// Names of files in a directory of the documents.
  static List<String> files(String directory) throws Exception {
    Path path = Path.of(Objects.requireNonNull(Contracts.class.getResource(directory)).toURI());
    try (Stream<Path> files = Files.list(path)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> file.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  /// Every `$ref` below a node.
  static Stream<String> references(JsonNode node) {
    Stream<String> own =
        node.path("$ref").isString() ? Stream.of(node.get("$ref").asString()) : Stream.of();
    return Stream.concat(own, node.valueStream().flatMap(Documents::references));
  }
}
