package dev.penstock.stack;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/// What test JVMs that were killed have left behind: a directory whose lock is free, perhaps with a
/// Postgres running on it.
final class TestDirectories {
  private static final Duration STOP_LIMIT = Duration.ofSeconds(5);
  private static final Duration YOUNG = Duration.ofMinutes(1);

  private TestDirectories() {}

  static void deleteStale(Path temporary, String prefix) throws IOException {
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(temporary, prefix + "*")) {
      for (Path directory : directories) {
        Path lock = DirectoryLock.file(directory);
        if (Files.isWritable(lock)
            && Files.getLastModifiedTime(lock).toInstant().isBefore(Instant.now().minus(YOUNG))) {
          delete(directory);
        }
      }
    }
  }

  private static void delete(Path directory) {
    try {
      DirectoryLock lock = DirectoryLock.take(directory);
      try (lock) {
        Path data = directory.toRealPath().resolve("postgres").resolve("data");
        PostmasterPid.read(data)
            .filter(file -> file.servesDirectory(data))
            .ifPresent(file -> {
              Processes.signal("QUIT", file.pid());
              Processes.awaitDeath(file.pid(), STOP_LIMIT);
            });
        Directories.delete(directory);
      }
    } catch (IOException | StackException e) {
      // Another JVM uses it, or removes it at this moment.
      return;
    }
  }
}
