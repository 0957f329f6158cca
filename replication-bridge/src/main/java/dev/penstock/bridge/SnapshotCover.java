package dev.penstock.bridge;

import dev.penstock.contracts.Outbox;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Leaves out of the slot's messages what a generation's snapshot shows already.
///
/// The slot is older than the snapshot, and stays, for the sake of the messages in between: they
/// are events, which no snapshot shows. Rows, truncates and DDL of a transaction whose commit
/// record lies before the snapshot's LSN are in the snapshot.
final class SnapshotCover {
  private final long snapshotLsn;
  private boolean covered;

  /// @param snapshotLsn the consistent point, 0 for none
  SnapshotCover(long snapshotLsn) {
    this.snapshotLsn = snapshotLsn;
  }

  /// Whether the snapshot has what this message says.
  boolean has(ByteBuffer message) {
    int start = message.position();
    byte kind = message.get(start);
    if (kind == 'B') {
      covered = Long.compareUnsigned(message.getLong(start + 1), snapshotLsn) < 0;
    }
    return covered
        && switch (kind) {
          case 'I', 'U', 'D', 'T' -> true;
          case 'M' -> isDdl(message, start + 10);
          default -> false;
        };
  }

  private static boolean isDdl(ByteBuffer message, int at) {
    byte[] prefix = Outbox.DDL.getBytes(StandardCharsets.UTF_8);
    boolean same = message.limit() - at > prefix.length && message.get(at + prefix.length) == 0;
    for (int i = 0; same && i < prefix.length; i++) {
      same = message.get(at + i) == prefix[i];
    }
    return same;
  }
}
