package dev.penstock.local;

import dev.penstock.contracts.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// One Penstock for all tests that do not stop it: they stay apart by users and conversations of
/// their own.
final class SharedPenstock {
  private static final int KAFKA_PORT = PenstockProcess.freePort();
  private static final PenstockProcess PENSTOCK = start();

  private SharedPenstock() {}

  static String url() {
    return PENSTOCK.url();
  }

  static PenstockProcess process() {
    return PENSTOCK;
  }

  static String bootstrapServers() {
    return "127.0.0.1:" + KAFKA_PORT;
  }

  static Topics topics() {
    return new Topics("penstock");
  }

  private static PenstockProcess start() {
    Path directory = Directories.temporary("penstock-shared");
    PenstockProcess penstock =
        PenstockProcess.start(
            directory,
            // The answers of a conversation come one after the other.
            Map.of("PENSTOCK_ANSWERS_OFFLINE_WORD_DELAY", "1ms"),
            "--kafka-port=" + KAFKA_PORT);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> {
              penstock.close();
              Directories.delete(directory);
            }));
    return penstock;
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
