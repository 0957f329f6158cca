package dev.penstock.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TestDirectoriesTest {
  private static final String PREFIX = "penstock-test-";

  @TempDir Path temporary;

  @Test
  void onlyOldDirectoriesWithoutAnOwnerAreDeleted() throws IOException {
    Path orphaned = directory("1", Duration.ofMinutes(5));
    Path young = directory("2", Duration.ZERO);
    Path owned = directory("3", Duration.ofMinutes(5));
    DirectoryLock lock = DirectoryLock.take(owned);
    try (lock) {
      age(owned, Duration.ofMinutes(5));

      TestDirectories.deleteStale(temporary, PREFIX);

      assertThat(orphaned).doesNotExist();
      assertThat(young).exists();
      assertThat(owned).exists();
    }
  }

  @Test
  void thePostgresOfADeletedDirectoryEnds() throws IOException {
    Path orphaned = Files.createDirectory(temporary.resolve(PREFIX + "4"));
    DirectoryLock.take(orphaned).close();
    PostgresServer server = PostgresServer.start(orphaned.resolve("postgres"), 0);
    age(orphaned, Duration.ofMinutes(5));

    TestDirectories.deleteStale(temporary, PREFIX);

    assertThat(server.isRunning()).isFalse();
    assertThat(orphaned).doesNotExist();
    server.close();
  }

  private Path directory(String name, Duration age) throws IOException {
    Path directory = Files.createDirectory(temporary.resolve(PREFIX + name));
    DirectoryLock.take(directory).close();
    age(directory, age);
    return directory;
  }

  private static void age(Path directory, Duration age) throws IOException {
    Files.setLastModifiedTime(
        DirectoryLock.file(directory), FileTime.from(Instant.now().minus(age)));
  }
}
