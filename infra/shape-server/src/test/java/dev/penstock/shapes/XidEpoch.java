package dev.penstock.shapes;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/// Does to a cluster that was shut down cleanly what `pg_resetwal -e` does: gives its next xid
/// another epoch, in the copy of the last checkpoint from which Postgres starts.
final class XidEpoch {
  private static final int NEXT_XID_EPOCH = 40 + 24 + 4;

  private XidEpoch() {}

  static void set(Path data, int epoch) throws IOException {
    Path file = data.resolve("global").resolve("pg_control");
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer control = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int at = NEXT_XID_EPOCH;
    while (control.getInt(at) != crc(bytes, at)) {
      at += 4;
    }
    control.putInt(NEXT_XID_EPOCH, epoch);
    control.putInt(at, crc(bytes, at));
    Files.write(file, bytes);
  }

  /// Of what stands before the checksum.
  private static int crc(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }
}
