package dev.penstock.contracts;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// The environment variables that a service knows. Spring refuses unknown keys in files and
/// arguments only; a misspelt variable would silently leave a default in force.
public final class Variables {
  /// Those that several services share, each standing for the key of its name.
  public static final Set<String> SHARED =
      Set.of(
          "PENSTOCK_DATABASE_URL",
          "PENSTOCK_DATABASE_USER",
          "PENSTOCK_DATABASE_PASSWORD",
          "PENSTOCK_KAFKA_BOOTSTRAP_SERVERS",
          "PENSTOCK_TOPIC_PREFIX",
          "PENSTOCK_OTLP_ENDPOINT",
          "PENSTOCK_LOG_FORMAT",
          "PENSTOCK_SHAPES_SECRET",
          "PENSTOCK_SHAPES_URLS",
          "PENSTOCK_AUTH_ALGORITHM",
          "PENSTOCK_AUTH_AUDIENCE",
          "PENSTOCK_AUTH_ISSUER",
          "PENSTOCK_AUTH_JWKS_URL",
          "PENSTOCK_AUTH_PUBLIC_KEY",
          "PENSTOCK_AUTH_SECRET",
          "PENSTOCK_OPERATOR_CLAIM",
          "PENSTOCK_OPERATOR_VALUE",
          "PENSTOCK_LLM_ANSWER_TOKENS",
          "PENSTOCK_LLM_API_KEY",
          "PENSTOCK_LLM_BASE_URL",
          "PENSTOCK_LLM_CONTEXT_TOKENS",
          "PENSTOCK_LLM_MODEL",
          "PENSTOCK_LLM_PROVIDER",
          "PENSTOCK_LLM_REQUESTS_PER_MINUTE",
          "PENSTOCK_LLM_RESUME",
          "PENSTOCK_LLM_SYSTEM");

  private static final List<String> GROUPS =
      List.of("PENSTOCK_AUTH_", "PENSTOCK_DATABASE_", "PENSTOCK_LLM_", "PENSTOCK_OPERATOR_");

  private Variables() {}

  /// Refuses a variable that begins as the service's own do, or as shared ones do, and is none.
  ///
  /// @param service as in `penstock.<service>`
  /// @param keys the record of the service's keys
  /// @throws IllegalArgumentException with a sentence that names the unknown variables, not their
  ///   values
  public static void requireKnown(
      String service, Class<? extends Record> keys, Map<String, String> environment) {
    Set<String> unknown = new TreeSet<>();
    for (String name : environment.keySet()) {
      if (!isKnown(service, keys, name)) {
        unknown.add(name);
      }
    }
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "The environment has settings that nobody knows: " + String.join(", ", unknown) + ".");
    }
  }

  /// Whether the variable is a setting of the service, or none of its business.
  public static boolean isKnown(String service, Class<? extends Record> keys, String variable) {
    String own = "PENSTOCK_" + service.toUpperCase(Locale.ROOT) + "_";
    if (SHARED.contains(variable)) {
      return true;
    }
    if (variable.startsWith(own)) {
      return isKey(keys, variable.substring(own.length()));
    }
    return GROUPS.stream().noneMatch(variable::startsWith);
  }

  /// As Spring's relaxed binding has it: the dashes of a key are underscores, or nothing.
  private static boolean isKey(Class<?> keys, String name) {
    return Arrays.stream(keys.getRecordComponents())
        .anyMatch(component -> isNamed(component, name) || isBelow(component, name));
  }

  private static boolean isNamed(RecordComponent component, String name) {
    return spelled(component).contains(name);
  }

  private static boolean isBelow(RecordComponent component, String name) {
    Class<?> type = component.getType();
    return spelled(component).stream()
        .filter(key -> name.startsWith(key + "_"))
        .map(key -> name.substring(key.length() + 1))
        .anyMatch(rest ->
            Map.class.isAssignableFrom(type)
                || (Collection.class.isAssignableFrom(type) && rest.matches("[0-9]+"))
                || (type.isRecord() && isKey(type, rest)));
  }

  private static List<String> spelled(RecordComponent component) {
    String name = component.getName();
    return List.of(
        name.replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT), name.toUpperCase(Locale.ROOT));
  }
}
