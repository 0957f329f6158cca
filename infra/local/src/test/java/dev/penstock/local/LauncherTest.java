package dev.penstock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
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

  @Test
  void aStopWithAnOpenPageAndAnUnansweredQuestionTakesLessThanTenSeconds() throws Exception {
    try (PenstockProcess penstock = PenstockProcess.start(directory)) {
      Api api = Api.login(penstock.url(), "stopping");
      UUID conversation = api.createConversation("Stopping");
      String token = api.shapeToken(conversation);
      HttpResponse<String> snapshot = api.shape(token, "offset=-1");
      String live =
          "offset=0_0&live=true&cursor=&handle="
              + snapshot.headers().firstValue("electric-handle").orElseThrow();
      CompletableFuture<Void> poll =
          CompletableFuture.runAsync(() -> api.shape(token, live)).exceptionally(cut -> null);
      api.ask(conversation, UUID.randomUUID(), UUID.randomUUID(), "Will this be answered?");

      assertThat(penstock.terminate(Duration.ofSeconds(10)))
          .as("exit code of a SIGTERM")
          .hasValue(143);
      assertThat(poll).succeedsWithin(Duration.ofSeconds(5));
      assertThat(postgresOf(directory)).as("Postgres processes left behind").isEmpty();
    }
  }

  @Test
  void aStopDuringTheStartLeavesNoPostgresBehind() {
    try (PenstockProcess penstock = PenstockProcess.start(directory)) {
      await().until(() -> penstock.output().contains("Starting Penstock"));
      assertThat(penstock.terminate(Duration.ofSeconds(10))).hasValue(143);
      assertThat(postgresOf(directory)).as("Postgres processes left behind").isEmpty();
    }
  }

  private static List<String> postgresOf(Path directory) {
    return ProcessHandle.allProcesses()
        .map(process -> process.info().commandLine().orElse(""))
        .filter(command -> command.contains("postgres") && command.contains(directory.toString()))
        .toList();
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
