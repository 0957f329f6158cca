package dev.penstock.deployment;

import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.util.unit.DataSize;

/// `infra/CONFIGURATION.md`, made of the configuration records and the services' yml files.
final class ConfigurationReference {
  private static final Pattern SHARED = Pattern.compile("\\$\\{(PENSTOCK_[A-Z_]+):(.*)}");

  /// Of the keys whose default is empty, and so no example of itself.
  private static final Map<String, String> EXAMPLES =
      Map.ofEntries(
          Map.entry("database-password", "`hunter2`"),
          Map.entry("auth-secret", "32 random bytes or more, such as of `openssl rand -hex 32`"),
          Map.entry("auth-public-key", "`-----BEGIN PUBLIC KEY-----…`"),
          Map.entry("auth-jwks-url", "`https://login.example.org/jwks.json`"),
          Map.entry("auth-issuer", "`https://login.example.org`"),
          Map.entry("auth-algorithm", "`ES256`"),
          Map.entry("auth-audience", "`penstock`"),
          Map.entry("operator-claim", "`roles`"),
          Map.entry("operator-value", "`operator`"),
          Map.entry("shapes-urls", "`http://shapes-1:13000,http://shapes-2:13000`"),
          Map.entry("shapes-secret", "of `openssl rand -hex 32`"),
          Map.entry("shape-token-keys", "`2026b:<32 bytes or more>,2026a:<the one before>`"),
          Map.entry("cors-origins", "`https://app.example.org`"),
          Map.entry("kafka", "`security.protocol: SASL_SSL`"),
          Map.entry("secret", "of `openssl rand -hex 32`"),
          Map.entry("handle-secret", "of `openssl rand -hex 32`"),
          Map.entry("llm.provider", "`anthropic`"),
          Map.entry("llm.base-url", "`http://localhost:11434`"),
          Map.entry("llm.api-key", "the provider's"),
          Map.entry("llm.model", "`llama3.2`"),
          Map.entry("llm.system", "`You answer in one sentence.`"));

  private final StringBuilder text = new StringBuilder();

  static String write() {
    ConfigurationReference reference = new ConfigurationReference();
    reference.text.append(
        """
        # Configuration

        Generated from the configuration records and the `penstock-*.yml` files; `-Dpenstock.configuration=write` in the tests
        of `infra/deployment` writes it anew.

        Every key is a property (`--penstock.gateway.port=8081`, or in a file named by `SPRING_CONFIG_IMPORT`) and a variable of
        the environment. Where two variables stand, the second is shared by the services and the first wins. A directory of
        mounted secrets, one file for each key, is read with `SPRING_CONFIG_IMPORT=configtree:/run/secrets/`. An unknown key or
        variable stops the start.

        All services take `penstock.otlp-endpoint`, `PENSTOCK_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_ENDPOINT`, without default: where
        spans are sent by OTLP over HTTP, such as `http://localhost:4318`. `PENSTOCK_LOG_FORMAT` is `text` or `json`, one object a line with fixed
        keys.

        Durations: `300ms`, `5s`, `1m`, `2h`, `7d`. Sizes: `32KB`, `4MB`, `1GB`, in powers of 1024; without a unit, bytes.
        """);
    for (Service service : Service.values()) {
      reference.section(service);
    }
    reference.text.append(
        """

        ## migrations

        `dev.penstock.contracts.Migrate`, in the command-service's image, once before the services.

        | variable | default | what it is |
        |---|---|---|
        | `PENSTOCK_DATABASE_URL` | | `jdbc:postgresql://…`; required |
        | `PENSTOCK_MIGRATIONS_USER`, `PENSTOCK_MIGRATIONS_PASSWORD` | `postgres`, none | a role that may create roles, publications, slots and event triggers |
        | `PENSTOCK_BRIDGE_SLOT`, `PENSTOCK_BRIDGE_PUBLICATION` | `penstock` | as the bridge has them |
        | `PENSTOCK_COMMAND_DATABASE_PASSWORD` and so on, for `ANSWERS`, `BRIDGE`, `SHAPES`, `GATEWAY` | | where set, the password that the service's role gets |
        """);
    return reference.text.toString();
  }

  /// Every key of the records, with its type.
  static Map<String, Class<?>> keys(Service service) {
    Map<String, Class<?>> keys = new LinkedHashMap<>();
    collect("", service.keys, keys);
    return keys;
  }

  private static void collect(String prefix, Class<?> type, Map<String, Class<?>> keys) {
    for (RecordComponent component : type.getRecordComponents()) {
      String key =
          prefix + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
      if (component.getType().isRecord()) {
        collect(key + ".", component.getType(), keys);
      } else {
        keys.put(key, component.getType());
      }
    }
  }

  private void section(Service service) {
    text.append("\n## ")
        .append(service.title)
        .append("\n\n| key `penstock.")
        .append(service.prefix)
        .append(".` | variable | default | type | what it is |\n|---|---|---|---|---|\n");
    Map<String, ConfigurationFile.Entry> file = new ConfigurationFile(service.yaml()).entries();
    keys(service)
        .forEach((key, type) -> {
          ConfigurationFile.Entry entry =
              Objects.requireNonNull(
                  file.get("penstock." + service.prefix + "." + key),
                  service.title + " has no default of " + key);
          row(service, key, type, entry);
        });
  }

  private void row(Service service, String key, Class<?> type, ConfigurationFile.Entry entry) {
    Matcher shared = SHARED.matcher(entry.value());
    String variable =
        "`PENSTOCK_%s_%s`"
            .formatted(service.name(), key.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"));
    String value = entry.value();
    if (shared.matches()) {
      if (!variable.equals("`" + shared.group(1) + "`")) {
        variable += ", `" + shared.group(1) + "`";
      }
      value = shared.group(2);
    }
    value = value.equals("{}") || value.equals("\"\"") ? "" : value;
    String what = entry.comment();
    if (key.equals("kafka") || (value.isEmpty() && !Map.class.isAssignableFrom(type))) {
      what +=
          " Example: " + Objects.requireNonNull(EXAMPLES.get(key), "no example of " + key) + ".";
    } else if (value.isEmpty()) {
      what += " Default and example: see the yml file.";
    }
    text.append(
        "| `%s` | %s | %s | %s | %s |\n"
            .formatted(
                key,
                variable,
                value.isEmpty() ? "" : "`" + value.replace("|", "\\|") + "`",
                type(type),
                what.replace("|", "\\|").replace("<", "&lt;")));
  }

  private static String type(Class<?> type) {
    if (type == Duration.class) {
      return "duration";
    }
    if (type == DataSize.class) {
      return "size";
    }
    if (type == boolean.class) {
      return "true, false";
    }
    if (type == double.class) {
      return "number";
    }
    if (type == int.class || type == long.class || type == short.class) {
      return "whole number";
    }
    if (Collection.class.isAssignableFrom(type)) {
      return "texts, by commas";
    }
    if (Map.class.isAssignableFrom(type)) {
      return "texts by name";
    }
    if (type == String.class) {
      return "text";
    }
    throw new IllegalArgumentException("no word for " + type);
  }
}
