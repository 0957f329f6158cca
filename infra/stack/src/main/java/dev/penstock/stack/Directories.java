package dev.penstock.stack;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.stream.Stream;

final class Directories {
  private static final int TAIL_BYTES = 4_096;

  private Directories() {}

  static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    Deque<Path> deepestLast = new ArrayDeque<>();
    try (Stream<Path> paths = Files.walk(directory)) {
      paths.forEach(deepestLast::push);
    }
    for (Path path : deepestLast) {
      Files.deleteIfExists(path);
    }
  }

  /// The end of a log file on one line, for the sentence of a failed start.
  static String tail(Path file) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      int from = Math.max(0, bytes.length - TAIL_BYTES);
      String text = new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
      return text.lines().reduce("", (a, b) -> b.contains("FATAL") || !a.contains("FATAL") ? b : a);
    } catch (IOException e) {
      return "no log was written";
    }
  }
}
