package dev.penstock.replay;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Changes as lines of JSON. A line with a `position` follows each stretch of them; what stands
/// behind the last such line was cut off by a crash, and is written again.
final class FileTarget implements Target {
  private static final String POSITION = "{\"position\":";

  /// The first line: who is killed before the first position finds that the file is his.
  private static final String NONE = POSITION + "null}\n";

  private final FileChannel file;
  private final Optional<Position> start;
  private final ByteArrayOutputStream lines = new ByteArrayOutputStream();

  FileTarget(Path path) {
    try {
      start = cutBack(path);
      file =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
      if (file.size() == 0) {
        lines.writeBytes(NONE.getBytes(UTF_8));
        write();
      }
    } catch (IOException e) {
      throw new ReplayException("The file " + path + " cannot be written: " + e.getMessage(), e);
    }
  }

  /// Leaves the file as it was at its last position.
  private static Optional<Position> cutBack(Path path) throws IOException {
    if (!path.toFile().exists()) {
      return Optional.empty();
    }
    Optional<Position> last = Optional.empty();
    long end = -1;
    long at = 0;
    try (RandomAccessFile reader = new RandomAccessFile(path.toFile(), "rw")) {
      java.io.BufferedInputStream input =
          new java.io.BufferedInputStream(
              java.nio.channels.Channels.newInputStream(reader.getChannel()), 1 << 20);
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int b = input.read(); b >= 0; b = input.read()) {
        at++;
        if (b != '\n') {
          line.write(b);
          continue;
        }
        if (startsWithPosition(line)) {
          JsonNode position = Change.JSON.readTree(line.toByteArray()).path("position");
          last = position.isNull() ? Optional.empty() : Optional.of(Position.of(position));
          end = at;
        }
        line.reset();
      }
      if (end < 0 && !NONE.startsWith(line.toString(UTF_8))) {
        throw new ReplayException(path + " exists, and no replay wrote it: take another name.");
      }
      reader.setLength(Math.max(0, end));
    }
    return last;
  }

  private static boolean startsWithPosition(ByteArrayOutputStream line) {
    return line.size() > POSITION.length()
        && new String(line.toByteArray(), 0, POSITION.length(), UTF_8).equals(POSITION);
  }

  @Override
  public Optional<Position> position() {
    return start;
  }

  @Override
  public void accept(ArchiveRecord record, Replayed change) {
    if (change instanceof Replayed.Truncated(Change _, boolean first) && !first) {
      return;
    }
    lines.writeBytes(line(record, change).toString().getBytes(UTF_8));
    lines.write('\n');
    if (lines.size() > 8 << 20) {
      write();
    }
  }

  static ObjectNode line(ArchiveRecord record, Replayed replayed) {
    ObjectNode line = Change.JSON.createObjectNode();
    line.put("txid", record.txid());
    line.put("commitLsn", Long.toUnsignedString(record.place().commitLsn()));
    switch (replayed) {
      case Replayed.Row(Change change) -> change(line, record, change);
      case Replayed.Gone(Change change) -> change(line, record, change);
      case Replayed.Truncated(Change change, boolean _) -> change(line, record, change);
      case Replayed.Event _ -> {
        line.put("topic", record.record().topic());
        byte[] value = record.record().value();
        line.set("event", Change.JSON.readTree(value == null ? "null".getBytes(UTF_8) : value));
      }
    }
    return line;
  }

  private static void change(ObjectNode line, ArchiveRecord record, Change change) {
    if (!change.isTruncation()) {
      line.put("seq", record.seq());
    }
    line.put("committedAt", committed(change).toString());
    line.put("op", change.op());
    line.put("table", change.qualified());
    line.set("before", change.before() == null ? Change.JSON.nullNode() : change.before());
    line.set("after", change.after() == null ? Change.JSON.nullNode() : change.after());
  }

  private static Instant committed(Change change) {
    return Instant.EPOCH.plus(change.committedMicros(), java.time.temporal.ChronoUnit.MICROS);
  }

  private void write() {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(lines.toByteArray());
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
      lines.reset();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void commit(Position position) {
    lines.writeBytes((POSITION + position.toJson() + "}\n").getBytes(UTF_8));
    write();
    try {
      file.force(false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
