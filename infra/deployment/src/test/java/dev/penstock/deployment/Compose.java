package dev.penstock.deployment;

import static dev.penstock.deployment.Manifests.at;
import static dev.penstock.deployment.Manifests.map;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `infra/compose.yaml`, read as Compose reads it.
final class Compose {
  /// `${NAME}`, `${NAME:-otherwise}` and `${NAME:?sentence}`.
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z_]+)(?::([-?])([^}]*))?}");

  private final Object file =
      Manifests.document(Service.Repository.ROOT.resolve("infra/compose.yaml"));

  Map<String, Object> services() {
    return map(file, "services");
  }

  Object service(String title) {
    return Objects.requireNonNull(at(file, "services", title), title);
  }

  /// The container's environment before anything is put in.
  Map<String, String> environment(String title) {
    Map<String, String> environment = new LinkedHashMap<>();
    map(service(title), "environment")
        .forEach((name, value) -> environment.put(name, value.toString()));
    return environment;
  }

  /// The container's environment with what `.env` says.
  Map<String, String> environment(String title, Map<String, String> dotEnv) {
    Map<String, String> environment = new LinkedHashMap<>();
    environment(title).forEach((name, value) -> environment.put(name, filled(value, dotEnv)));
    return environment;
  }

  /// Names that `.env` must have, and those that it may have.
  static List<String> asked(String text, boolean required) {
    return VARIABLE
        .matcher(text)
        .results()
        .filter(variable -> "?".equals(variable.group(2)) == required)
        .map(variable -> variable.group(1))
        .distinct()
        .toList();
  }

  private static String filled(String value, Map<String, String> dotEnv) {
    return VARIABLE
        .matcher(value)
        .replaceAll(variable -> {
          String given = dotEnv.getOrDefault(variable.group(1), "");
          if (given.isEmpty() && "?".equals(variable.group(2))) {
            throw new IllegalArgumentException(variable.group(1) + " is missing");
          }
          String otherwise = Objects.requireNonNullElse(variable.group(3), "");
          return Matcher.quoteReplacement(given.isEmpty() ? otherwise : given);
        });
  }
}
