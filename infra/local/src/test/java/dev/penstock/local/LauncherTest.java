package dev.penstock.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class LauncherTest {
  private final Path directory = SharedPenstock.Directories.temporary("penstock-launcher");

  @AfterEach
  void delete() {
    SharedPenstock.Directories.delete(directory);
  }

  @Test
  void aBusyPortIsNamedInOneSentence() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertRefused(
          "--gateway-port=" + taken.getLocalPort(), Integer.toString(taken.getLocalPort()));
      assertRefused(
          "--postgres-port=" + taken.getLocalPort(), Integer.toString(taken.getLocalPort()));
      assertRefused("--kafka-port=" + taken.getLocalPort(), Integer.toString(taken.getLocalPort()));
    }
  }

  @Test
  void aDataDirectoryThatCannotBeWrittenIsNamedInOneSentence() throws Exception {
    Path file = Files.createFile(directory.resolve("a-file"));
    assertRefused("--data-dir=" + file.resolve("below"), "below");
  }

  @Test
  void anUnknownSettingStopsTheStart() {
    assertRefused("--gatewai-port=1", "--gatewai-port");
    assertRefused("--answers-concurency=1", "--answers-concurency");
  }

  @Test
  void aSecondStartOnTheSameDirectoryIsRefused() {
    SharedPenstock.url();
    String shared = SharedPenstock.process().output().lines().findFirst().orElseThrow();
    assertThat(shared).startsWith("Starting Penstock in ");
    assertRefused("--data-dir=" + shared.substring("Starting Penstock in ".length()), "in use");
  }

  private void assertRefused(String setting, String sentencePart) {
    try (PenstockProcess penstock = PenstockProcess.start(directory, setting)) {
      assertThat(penstock.exit(Duration.ofSeconds(60))).as("ends by itself").hasValue(1);
      String sentence = penstock.output().lines().toList().getLast();
      assertThat(sentence).contains(sentencePart).endsWith(".");
      assertThat(penstock.output()).doesNotContain("\tat ");
    }
  }
}
