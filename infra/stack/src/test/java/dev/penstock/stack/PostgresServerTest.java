package dev.penstock.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PostgresServerTest {
  @TempDir Path directory;

  @Test
  void aKilledPostmasterStartsAgainOnItsPortWithWhatWasCommitted() throws Exception {
    try (PostgresServer server = PostgresServer.start(directory, 0)) {
      server.createDatabase("penstock");
      Evidence.toPostgres(server.jdbcUrl("penstock"));

      server.kill();
      assertThat(server.isRunning()).isFalse();
      server.start();

      assertThat(Evidence.inPostgres(server.jdbcUrl("penstock"))).isEqualTo(1);

      server.stop();
      assertThat(server.isRunning()).isFalse();
      server.start();
      assertThat(Evidence.inPostgres(server.jdbcUrl("penstock"))).isEqualTo(1);
    }
  }

  @Test
  void aStrangersPostgresOnThePortIsNeitherUsedNorStopped(@TempDir Path theirs) {
    try (PostgresServer stranger = PostgresServer.start(theirs, 0)) {
      assertThatThrownBy(() -> PostgresServer.start(directory, stranger.port()))
          .isInstanceOf(StackException.class)
          .hasMessage(
              "Port %d, wanted for Postgres with the data directory %s, is in use by another process: stop that process or choose another port.",
              stranger.port(), directory);

      assertThat(stranger.isRunning()).isTrue();
    }
    // The refusal has let go of the directory.
    DirectoryLock.take(directory).close();
  }

  @Test
  void aPidFileWhosePidBelongsToSomebodyElseDoesNotStopTheStart() throws IOException {
    PostgresServer first = PostgresServer.start(directory, 0);
    List<String> pidFile = Files.readAllLines(PostmasterPid.file(data()));
    first.kill();
    first.close();
    // As after a reboot: the pid now is this JVM's, which must live on.
    pidFile.set(0, Long.toString(ProcessHandle.current().pid()));
    Files.write(PostmasterPid.file(data()), pidFile);

    try (PostgresServer second = PostgresServer.start(directory, 0)) {
      assertThat(second.isRunning()).isTrue();
    }
  }

  @Test
  void aFirstStartThatWasCutShortIsBegunAnew() throws IOException {
    Files.createDirectories(data());
    Files.writeString(data().resolve("PG_VERSION"), "18\n");

    try (PostgresServer server = PostgresServer.start(directory, 0)) {
      assertThat(server.isRunning()).isTrue();
    }
  }

  @Test
  void aBusyPortIsRefusedBeforeAnythingIsWritten() throws IOException {
    try (ServerSocket stranger = new ServerSocket(0, 1, Ports.loopback())) {
      assertThatThrownBy(() -> PostgresServer.start(directory, stranger.getLocalPort()))
          .isInstanceOf(StackException.class)
          .hasMessageContaining(Integer.toString(stranger.getLocalPort()));
    }
    assertThat(data()).doesNotExist();
  }

  private Path data() {
    return directory.resolve("data");
  }
}
