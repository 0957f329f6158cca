package dev.penstock.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.stack.ChildJvm;
import dev.penstock.stack.TestStack;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// SIGKILL, in the middle of a transaction that is larger than what a target commits at once.
class KilledReplayTest {
  private static final int ROWS = 30_000;

  @TempDir private Path directory;

  @Test
  void whatIsKilledWithinATransactionGoesOnThereAndHasEveryChangeOnce() throws Exception {
    try (TestArchive archive = new TestArchive()) {
      // Given
      archive.commit(
          "insert into conversations select md5(i::text)::uuid, 'o', 't' from generate_series(0, 49) i");
      archive.commit(
          "insert into messages select md5(i::text)::uuid, md5((i %% 50)::text)::uuid, 'user', 'completed', 'm', null, null, now(), now() from generate_series(1, %d) i"
              .formatted(ROWS));
      archive.commit("update conversations set title = 'last'");
      archive.awaitRouted();
      String copy = TestStack.newDatabase();
      Path file = directory.resolve("killed.json");

      // When
      try (ChildJvm child = start(archive, file.toString())) {
        await()
            .pollInterval(Duration.ofMillis(5))
            .atMost(TestArchive.PATIENCE)
            .until(() -> Files.exists(file) && Files.size(file) > 1_000);
        child.kill();
      }
      try (ChildJvm child = start(archive, copy);
          Connection connection = TestArchive.connect(copy)) {
        String count = "select count(*) from messages";
        await()
            .pollInterval(Duration.ofMillis(5))
            .atMost(TestArchive.PATIENCE)
            .ignoreExceptions()
            .until(() -> !"0".equals(TestArchive.text(connection, count)));
        child.kill();
        // Then it was killed within
        assertThat(Integer.parseInt(String.valueOf(TestArchive.text(connection, count))))
            .isBetween(1, ROWS - 1);
      }
      assertThat(Files.readAllLines(file).size()).isBetween(1_000, ROWS);

      // And what goes on has all
      TestArchive.Ran ran = archive.replay("--into", copy, "--verify", archive.url);
      assertThat(ran.err()).contains("Going on").contains("The tables are equal.");
      TestArchive.Ran rest = archive.replay("--into", file.toString());
      assertThat(rest.code()).as(rest.err()).isZero();
      List<String> changes = new ArrayList<>(Files.readAllLines(file));
      changes.removeIf(line -> line.startsWith("{\"position\""));
      assertThat(changes).hasSize(ROWS + 100);
      assertThat(new HashSet<>(changes)).hasSize(ROWS + 100);
    }
  }

  private ChildJvm start(TestArchive archive, String into) {
    return ChildJvm.start(
        KilledReplay.class,
        directory.resolve("child.log"),
        List.of(
            "replay",
            "--kafka",
            archive.bootstrapServers,
            "--prefix",
            archive.topics.prefix(),
            "--into",
            into));
  }
}
