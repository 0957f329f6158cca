package dev.penstock.deployment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/// A service's Java sources, for what has no other place to be looked up, such as metrics.
final class Sources {
  private Sources() {}

  static String of(Service service) {
    return of(service.module);
  }

  /// Those of health and metrics, which all services share.
  static String management() {
    return of(Service.Repository.ROOT.resolve("infra/management"));
  }

  private static String of(Path module) {
    try (var files = Files.walk(module.resolve("src/main/java"))) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .map(Service.Repository::read)
          .collect(Collectors.joining());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
