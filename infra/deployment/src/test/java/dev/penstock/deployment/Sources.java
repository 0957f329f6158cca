package dev.penstock.deployment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.stream.Collectors;

/// A service's Java sources, for what has no other place to be looked up, such as metrics.
final class Sources {
  private Sources() {}

  static String of(Service service) {
    try (var files = Files.walk(service.module.resolve("src/main/java"))) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .map(Service.Repository::read)
          .collect(Collectors.joining());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
