package dev.penstock.shapes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

/// The unmodified npm clients, in Node, against two instances in turn.
class RealClientsTest {
  @Test
  void electricAndTanStackClientsFollowInsertUpdateDeleteAndTruncate() throws Exception {
    Path work = install();
    try (TestShapes stack = new TestShapes();
        ConfigurableApplicationContext one = stack.server(Map.of("long-poll", "20s"));
        ConfigurableApplicationContext two = stack.server(Map.of("long-poll", "20s"));
        RoundRobin server =
            new RoundRobin(List.of(TestShapes.client(one), TestShapes.client(two)))) {
      stack.publish("(id int primary key, owner text not null, text text)", "notes");
      stack.sql("insert into notes values (1, 'alice', 'first'), (2, 'bob', 'hidden')");
      Process node =
          new ProcessBuilder("node", "clients.mjs", server.base())
              .directory(work.toFile())
              .redirectErrorStream(true)
              .start();
      List<String> said = new ArrayList<>();
      try (BufferedReader out = node.inputReader(UTF_8);
          PrintStream in = new PrintStream(node.getOutputStream(), true, UTF_8)) {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
          said.add(line);
          switch (line) {
            case "insert" ->
                in.println(
                    stack.transaction(
                        "insert into notes values (3, 'alice', 'new'), (4, 'bob', 'hidden')"));
            case "update" ->
                in.println(stack.transaction("update notes set text = 'changed' where id = 3"));
            case "delete" -> in.println(stack.transaction("delete from notes where id in (3, 4)"));
            case "truncate" -> in.println(stack.transaction("truncate notes"));
            default -> {}
          }
        }
      }
      assertThat(node.waitFor(10, TimeUnit.SECONDS)).isTrue();
      assertThat(said).as("%s", said).endsWith("done");
      assertThat(server.requests()).isGreaterThan(20);
      assertThat(stack.pump.failure()).isNull();
    }
  }

  /// `npm ci` into the build directory, once.
  private static Path install() throws IOException, InterruptedException {
    Path source = Path.of("src", "test", "node");
    Path work = Files.createDirectories(Path.of("target", "node"));
    for (String file : List.of("package.json", "package-lock.json", "clients.mjs")) {
      Files.copy(source.resolve(file), work.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
    if (!Files.exists(work.resolve("node_modules"))) {
      Process npm =
          new ProcessBuilder("npm", "ci", "--no-audit", "--no-fund", "--prefer-offline")
              .directory(work.toFile())
              .redirectErrorStream(true)
              .start();
      String said = new String(npm.getInputStream().readAllBytes(), UTF_8);
      assertThat(npm.waitFor()).as(said).isZero();
    }
    return work;
  }
}
