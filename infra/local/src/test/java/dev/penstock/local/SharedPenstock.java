package dev.penstock.local;

import dev.penstock.contracts.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One Penstock for all tests that do not stop it: they stay apart by users and conversations of
/// their own.
///
/// With `-Dpenstock.containers=true` it runs over Postgres, Kafka and Electric in containers.
final class SharedPenstock {
  /// Who signs in with this name may do what operators may.
  static final String OPERATOR = "operator of the tests";

  private static final @Nullable Containers CONTAINERS =
      Boolean.getBoolean("penstock.containers") ? new Containers() : null;
  private static final int KAFKA_PORT = PenstockProcess.freePort();
  private static final int SHAPES_PORT = PenstockProcess.freePort();
  private static final TestModel MODEL = new TestModel();
  private static final Path DIRECTORY = Directories.temporary("penstock-shared");
  private static final PenstockProcess PENSTOCK = start();

  private SharedPenstock() {}

  static String url() {
    return PENSTOCK.url();
  }

  static PenstockProcess process() {
    return PENSTOCK;
  }

  /// What answers: at once, unless the question's words say otherwise.
  static TestModel model() {
    return MODEL;
  }

  /// Health and metrics of the answer-generator.
  static String answersManagement() {
    return management("answers");
  }

  /// The same of any service, as it is named in settings.
  static String management(String service) {
    PENSTOCK.url();
    return "http://127.0.0.1:" + ManagementPorts.known(log(), service) + "/actuator";
  }

  /// Where its Postgres and Kafka keep their data.
  static Path directory() {
    PENSTOCK.url();
    return DIRECTORY;
  }

  /// The analytics page.
  static String analyticsUrl() {
    url();
    return PENSTOCK
        .output()
        .lines()
        .filter(line -> line.contains("analytics: "))
        .map(line -> line.substring(line.indexOf("http")))
        .findFirst()
        .orElseThrow();
  }

  static String shapesUrl() {
    url();
    return "http://127.0.0.1:" + SHAPES_PORT;
  }

  static Path log() {
    return DIRECTORY.resolve("logs").resolve("penstock.log");
  }

  static Secrets secrets() throws IOException {
    return Secrets.in(DIRECTORY);
  }

  static String bootstrapServers() {
    return CONTAINERS == null ? "127.0.0.1:" + KAFKA_PORT : CONTAINERS.bootstrapServers();
  }

  static Topics topics() {
    return new Topics("penstock");
  }

  private static PenstockProcess start() {
    PenstockProcess penstock =
        PenstockProcess.start(
            DIRECTORY,
            Map.of(
                "PENSTOCK_LLM_BASE_URL",
                MODEL.url(),
                "PENSTOCK_LLM_MODEL",
                "scripted",
                "PENSTOCK_OPERATOR_CLAIM",
                "sub",
                "PENSTOCK_OPERATOR_VALUE",
                OPERATOR),
            settings().toArray(String[]::new));
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> {
              penstock.close();
              Directories.delete(DIRECTORY);
            }));
    return penstock;
  }

  private static List<String> settings() {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "--kafka-port=" + KAFKA_PORT,
                "--shapes-port=" + SHAPES_PORT,
                "--analytics-port=0"));
    settings.addAll(ManagementPorts.settings());
    if (CONTAINERS != null) {
      settings.addAll(CONTAINERS.settings());
    }
    return settings;
  }

  /// Temporary directories of the tests, and where their screenshots are kept: outside of the
  /// repository.
  static final class Directories {
    private Directories() {}

    static Path temporary(String prefix) {
      try {
        return Files.createTempDirectory(prefix);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    static Path artifacts() {
      try {
        return Files.createDirectories(
            Path.of(System.getProperty("java.io.tmpdir"), "penstock-artifacts"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    static void delete(Path directory) {
      try (var files = Files.walk(directory)) {
        files.sorted(java.util.Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      } catch (IOException | UncheckedIOException e) {
        System.err.println("left behind: " + directory);
      }
    }
  }
}
