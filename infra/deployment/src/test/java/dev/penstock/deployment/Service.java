package dev.penstock.deployment;

import dev.penstock.contracts.Variables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/// A service, and where its configuration is declared.
enum Service {
  GATEWAY("gateway", "gateway", "gateway", "GatewayProperties"),
  COMMAND("command-service", "command-service", "command", "CommandProperties"),
  ANSWERS("answer-generator", "answer-generator", "answers", "AnswersProperties"),
  BRIDGE("replication-bridge", "replication-bridge", "bridge", "BridgeProperties"),
  SHAPES("shape-server", "infra/shape-server", "shapes", "ShapesProperties");

  /// As images, containers and files are called.
  final String title;

  final Path module;

  /// As in `penstock.<prefix>` and in the package.
  final String prefix;

  final Class<? extends Record> keys;

  Service(String title, String module, String prefix, String keys) {
    this.title = title;
    this.module = Repository.ROOT.resolve(module);
    this.prefix = prefix;
    try {
      this.keys = Class.forName("dev.penstock." + prefix + "." + keys).asSubclass(Record.class);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  static Service titled(String title) {
    for (Service service : values()) {
      if (service.title.equals(title)) {
        return service;
      }
    }
    throw new IllegalArgumentException("no service " + title);
  }

  String yaml() {
    return Repository.read(module.resolve("src/main/resources/penstock-" + title + ".yml"));
  }

  /// Whether the variable is a setting of this service, or one that all share.
  boolean takes(String variable) {
    return variable.startsWith("PENSTOCK_")
        && (Variables.SHARED.contains(variable)
            || (variable.startsWith("PENSTOCK_" + name() + "_")
                && Variables.isKnown(prefix, keys, variable)));
  }

  Path imageTar() {
    return module.resolve("target/jib-image.tar");
  }

  /// The repository's files.
  static final class Repository {
    static final Path ROOT = root();

    private Repository() {}

    static String read(Path file) {
      try {
        return Files.readString(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static Path root() {
      Path directory = Path.of("").toAbsolutePath();
      while (!Files.exists(directory.resolve("infra/compose.yaml"))) {
        directory = Objects.requireNonNull(directory.getParent());
      }
      return directory;
    }
  }
}
