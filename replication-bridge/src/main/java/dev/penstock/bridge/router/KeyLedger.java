package dev.penstock.bridge.router;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Compares what the keyed topics say with what a snapshot has, key by key, on disk: the keys are
/// spread over files by their hash, so that one file's keys at a time are held in memory.
///
/// The files are unlinked as soon as they are open: nothing of them outlives the process.
final class KeyLedger implements AutoCloseable {
  private static final int FILES = 256;
  private static final int BUFFER = 4 << 10;

  private static final int TOPIC = 1;
  private static final int CLEARED = 2;
  private static final int SNAPSHOT = 3;

  private final List<FileChannel> files = new ArrayList<>(FILES);
  private final List<DataOutputStream> outputs = new ArrayList<>(FILES);

  KeyLedger() throws IOException {
    Path directory = Files.createTempDirectory("penstock-keys-");
    try {
      for (int i = 0; i < FILES; i++) {
        FileChannel file =
            FileChannel.open(
                directory.resolve(Integer.toString(i)),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE);
        files.add(file);
        outputs.add(
            new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(file), BUFFER)));
      }
    } catch (IOException e) {
      close();
      throw e;
    } finally {
      Files.deleteIfExists(directory);
    }
  }

  /// A record of a topic; of one key they come in their order.
  ///
  /// @param digest null if the row went
  void topic(int table, int partition, byte[] key, byte @Nullable [] digest) throws IOException {
    DataOutputStream output = start(TOPIC, table, key);
    output.writeInt(partition);
    output.writeBoolean(digest != null);
    if (digest != null) {
      output.write(digest);
    }
  }

  /// All rows of the table in this partition went.
  void cleared(int table, int partition) throws IOException {
    for (DataOutputStream output : outputs) {
      output.writeByte(CLEARED);
      output.writeInt(table);
      output.writeInt(partition);
    }
  }

  /// A row of the snapshot; all come behind the topics' records.
  void snapshot(int table, byte[] key, byte[] digest, int entry) throws IOException {
    DataOutputStream output = start(SNAPSHOT, table, key);
    output.write(digest);
    output.writeInt(entry);
  }

  private DataOutputStream start(int kind, int table, byte[] key) throws IOException {
    DataOutputStream output = outputs.get(Math.floorMod(Arrays.hashCode(key) + table, FILES));
    output.writeByte(kind);
    output.writeInt(table);
    output.writeInt(key.length);
    output.write(key);
    return output;
  }

  /// Takes a key that the topics have and the snapshot lacks.
  interface Missing {
    void accept(int table, int partition, byte[] key);
  }

  /// Which entries of the snapshot are new or changed.
  ///
  /// @param missing told the keys that the snapshot lacks; may be called again by a later call
  /// @param between called behind every file: to read the next one can take a while
  BitSet settle(Missing missing, Runnable between) throws IOException {
    BitSet changed = new BitSet();
    for (int i = 0; i < FILES; i++) {
      outputs.get(i).flush();
      Map<Key, Row> rows = new HashMap<>();
      FileChannel file = files.get(i).position(0);
      read(
          new DataInputStream(new BufferedInputStream(Channels.newInputStream(file), 64 << 10)),
          rows,
          changed);
      rows.forEach((key, row) -> missing.accept(key.table(), row.partition(), key.bytes()));
      between.run();
    }
    return changed;
  }

  private static void read(DataInputStream input, Map<Key, Row> rows, BitSet changed)
      throws IOException {
    while (true) {
      int kind = input.read();
      if (kind < 0) {
        return;
      }
      int table = input.readInt();
      if (kind == CLEARED) {
        int partition = input.readInt();
        rows.entrySet()
            .removeIf(
                row -> row.getKey().table() == table && row.getValue().partition() == partition);
        continue;
      }
      Key key = new Key(table, exactly(input, input.readInt()));
      if (kind == SNAPSHOT) {
        byte[] digest = exactly(input, RoutedRow.DIGEST_BYTES);
        int entry = input.readInt();
        Row known = rows.remove(key);
        changed.set(entry, known == null || !Arrays.equals(known.digest(), digest));
      } else {
        int partition = input.readInt();
        if (input.readBoolean()) {
          rows.put(key, new Row(partition, exactly(input, RoutedRow.DIGEST_BYTES)));
        } else {
          rows.remove(key);
        }
      }
    }
  }

  private static byte[] exactly(DataInputStream input, int length) throws IOException {
    byte[] bytes = input.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("a file of keys is cut");
    }
    return bytes;
  }

  @SuppressWarnings("ArrayRecordComponent") // compared below
  private record Key(int table, byte[] bytes) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Key(int otherTable, byte[] otherBytes)
          && table == otherTable
          && Arrays.equals(bytes, otherBytes);
    }

    @Override
    public int hashCode() {
      return 31 * table + Arrays.hashCode(bytes);
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Row(int partition, byte[] digest) {}

  @Override
  public void close() {
    for (FileChannel file : files) {
      try {
        file.close();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }
}
