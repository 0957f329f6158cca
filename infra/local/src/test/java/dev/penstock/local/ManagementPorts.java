package dev.penstock.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Where services serve their health: free ports, which their logs name.
final class ManagementPorts {
  /// As in the settings' names.
  static final Map<Service, String> NAMES =
      Map.of(
          Service.REPLICATION_BRIDGE, "bridge",
          Service.COMMAND_SERVICE, "command",
          Service.SHAPE_SERVER, "shapes",
          Service.ANSWER_GENERATOR, "answers",
          Service.GATEWAY, "gateway");

  private ManagementPorts() {}

  /// The settings that ask for them.
  static List<String> settings() {
    return NAMES.values().stream().map(name -> "--" + name + "-management-port=0").toList();
  }

  /// The last one that the log names.
  static int in(Path log, String name) throws IOException {
    return Pattern.compile("service=\"penstock\\." + name + "\".* port=\"(\\d+)\"")
        .matcher(Files.readString(log))
        .results()
        .map(result -> Integer.parseInt(result.group(1)))
        .reduce((_, last) -> last)
        .orElseThrow(() -> new IOException("no management port of " + name + " in " + log));
  }

  static int known(Path log, String name) {
    try {
      return in(log, name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
