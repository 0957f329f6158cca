package dev.penstock.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.penstock.contracts.Variables;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// `-Dpenstock.configuration=write` writes the reference anew instead of comparing it.
class ConfigurationReferenceTest {
  private static final Path FILE = Service.Repository.ROOT.resolve("infra/CONFIGURATION.md");
  private static final Pattern SHARED = Pattern.compile("\\$\\{(PENSTOCK_[A-Z_]+)");

  @Test
  void theReferenceIsWhatTheRecordsAndFilesSay() throws Exception {
    String reference = ConfigurationReference.write();
    if ("write".equals(System.getProperty("penstock.configuration"))) {
      Files.writeString(FILE, reference);
    }
    assertThat(Service.Repository.read(FILE))
        .as("run the tests of infra/deployment with -Dpenstock.configuration=write")
        .isEqualTo(reference);
  }

  @ParameterizedTest
  @EnumSource(Service.class)
  void everyKeyOfTheRecordHasItsDefaultAndCommentAndTheFileHasNoOther(Service service) {
    String prefix = "penstock." + service.prefix + ".";
    Map<String, ConfigurationFile.Entry> file = new ConfigurationFile(service.yaml()).entries();
    Map<String, Class<?>> keys = ConfigurationReference.keys(service);
    for (String key : keys.keySet()) {
      ConfigurationFile.Entry entry = file.get(prefix + key);
      assertThat(entry).as(key).isNotNull();
      assertThat(Objects.requireNonNull(entry).comment()).as(key).isNotEmpty();
    }
    assertThat(file.keySet().stream().filter(key -> key.startsWith(prefix)))
        .allMatch(key ->
            keys.keySet().stream()
                .map(known -> prefix + known)
                .anyMatch(known ->
                    known.startsWith(key) || key.startsWith(known + ".") || known.equals(key)));
  }

  @Test
  void theSharedVariablesAreThoseOfTheFiles() {
    Set<String> used = new TreeSet<>();
    for (Service service : Service.values()) {
      SHARED
          .matcher(service.yaml())
          .results()
          .map(variable -> variable.group(1))
          .filter(name -> !name.startsWith("PENSTOCK_" + service.name() + "_"))
          .forEach(used::add);
    }
    assertThat(used).isEqualTo(new TreeSet<>(Variables.SHARED));
  }

  @ParameterizedTest
  @EnumSource(Service.class)
  void anUnknownKeyStopsTheStartWithASentenceThatNamesIt(Service service) {
    String key = "penstock." + service.prefix + ".nonsense";
    Throwable failure = catchThrowable(() -> Starts.start(service, Map.of(key, "1")));
    assertThat(failure).isNotNull();
    StringBuilder sentences = new StringBuilder();
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      sentences.append(cause.getMessage()).append(Arrays.toString(cause.getSuppressed()));
    }
    assertThat(sentences.toString()).contains(key);
  }
}
