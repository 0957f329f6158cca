package dev.penstock.stack;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EmbeddedStackTest extends StackContract {
  @TempDir static Path directory;
  private static @Nullable EmbeddedStack stack;

  @BeforeAll
  static void start() {
    stack = EmbeddedStack.start(StackOptions.in(directory));
  }

  @AfterAll
  static void stop() {
    requireNonNull(stack).close();
  }

  @Override
  EmbeddedStack stack() {
    return requireNonNull(stack);
  }

  @Test
  void aSecondStackOnTheDirectoryIsRefusedInOneSentence() {
    assertThatThrownBy(() -> EmbeddedStack.start(StackOptions.in(directory)))
        .isInstanceOf(StackException.class)
        .hasMessage(
            "The data directory %s is in use by another process (pid %d): stop it or choose another directory.",
            directory, ProcessHandle.current().pid());
  }

  @Test
  void bothKeepTheirDataWhenTheyStartAgainOnOtherPorts(@TempDir Path own) throws Exception {
    int postgresPort;
    int kafkaPort;
    try (EmbeddedStack first = EmbeddedStack.start(StackOptions.in(own))) {
      postgresPort = first.postgres().port();
      kafkaPort = first.kafka().port();
      Evidence.write(first);
    }

    try (EmbeddedStack second =
        EmbeddedStack.start(
            StackOptions.in(own)
                .withPorts(another(postgresPort), another(kafkaPort), another(kafkaPort)))) {
      assertThat(second.postgres().port()).isNotEqualTo(postgresPort);
      assertThat(second.kafka().port()).isNotEqualTo(kafkaPort);
      assertThat(Evidence.inPostgres(second.jdbcUrl("penstock"))).isEqualTo(1);
      assertThat(Evidence.inKafka(second.bootstrapServers())).isEqualTo(1);
    }
  }

  @Test
  void aBusyPortOfKafkaIsNamedAndPostgresIsStoppedAgain(@TempDir Path own) throws IOException {
    try (ServerSocket stranger = new ServerSocket(0, 1, Ports.loopback())) {
      StackOptions options = StackOptions.in(own).withPorts(0, stranger.getLocalPort(), 0);

      assertThatThrownBy(() -> EmbeddedStack.start(options))
          .isInstanceOf(StackException.class)
          .hasMessage(
              "Port %d, wanted for Kafka with the data directory %s, is in use by another process: stop that process or choose another port.",
              stranger.getLocalPort(), own.resolve("kafka"));
    }
    assertThat(own.resolve("postgres/data/postmaster.pid")).doesNotExist();
    DirectoryLock.take(own).close();
  }

  @Test
  void aDirectoryThatCannotBeMadeIsNamed(@TempDir Path own) throws IOException {
    Path file = Files.createFile(own.resolve("file"));

    assertThatThrownBy(() -> EmbeddedStack.start(StackOptions.in(file.resolve("below"))))
        .isInstanceOf(StackException.class)
        .hasMessage("The data directory %s cannot be written by this user.", file.resolve("below"));
  }

  private static int another(int port) {
    int other = Ports.orFree(0);
    return other == port ? another(port) : other;
  }
}
