package dev.penstock.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ChildJvmTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir Path directory;

  /// Ends by itself where its argument says so.
  static final class Main {
    private Main() {}

    public static void main(String[] arguments) throws InterruptedException {
      System.out.println("runs " + arguments[0]);
      if (arguments[0].equals("ends")) {
        System.exit(3);
      }
      TimeUnit.HOURS.sleep(1);
    }
  }

  @Test
  void itsExitCodeAndOutputAreSeenAndAFrozenOneCanBeKilled() throws Exception {
    Path output = directory.resolve("out.log");
    try (ChildJvm ends = ChildJvm.start(Main.class, output, List.of("ends"))) {
      assertThat(ends.awaitExit(LIMIT)).hasValue(3);
      assertThat(output).content().contains("runs ends");
    }
    try (ChildJvm stays = ChildJvm.start(Main.class, output, List.of("stays"))) {
      assertThat(Processes.await(() -> contains(output, "runs stays"), LIMIT)).isTrue();
      stays.freeze();
      assertThat(stays.isRunning()).isTrue();
      stays.kill();
      assertThat(stays.isRunning()).isFalse();
    }
  }

  private static boolean contains(Path file, String text) {
    try {
      return Files.readString(file).contains(text);
    } catch (java.io.IOException e) {
      return false;
    }
  }
}
