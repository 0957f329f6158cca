package dev.penstock.command.txid;

import dev.penstock.contracts.log.ReaderState;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Places of the log that earlier searches passed, so that the next one need not look for a claim.
/// A state is as good as having read everything before it; a log that was cut or written anew since
/// is noticed by the reader.
final class Checkpoints {
  private static final int MAX = 64;
  private static final long APART = 5_000;

  /// Further back a claim may be nearer.
  private static final long NEAR = 50_000;

  private final NavigableMap<Long, ReaderState> states = new TreeMap<>();

  synchronized @Nullable ReaderState before(long offset) {
    Map.Entry<Long, ReaderState> entry = states.floorEntry(offset);
    return entry == null || offset - entry.getKey() > NEAR ? null : entry.getValue();
  }

  synchronized void offer(ReaderState state) {
    long offset = state.nextOffset();
    Long below = states.floorKey(offset);
    Long above = states.ceilingKey(offset);
    if ((below == null || offset - below >= APART) && (above == null || above - offset >= APART)) {
      states.put(offset, state);
      if (states.size() > MAX) {
        states.pollFirstEntry();
      }
    }
  }

  synchronized void clear() {
    states.clear();
  }
}
