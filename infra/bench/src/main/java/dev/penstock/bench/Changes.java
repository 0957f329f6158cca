package dev.penstock.bench;

/// When each change was wanted, sent and committed, by [System#nanoTime]. Changes are numbered from
/// 0 over all that one rig's load writes.
///
/// Written by one thread; another may read what it knows to be written.
final class Changes {
  private final long[] intended;
  private final long[] sent;
  private final long[] committed;
  private final long[] txids;
  private int count;

  Changes(int capacity) {
    intended = new long[capacity];
    sent = new long[capacity];
    committed = new long[capacity];
    txids = new long[capacity];
  }

  /// The number of the next change.
  int next() {
    return count;
  }

  void add(long wanted, long sentAt, long committedAt, long txid) {
    intended[count] = wanted;
    sent[count] = sentAt;
    committed[count] = committedAt;
    txids[count] = txid;
    count++;
  }

  long intended(int change) {
    return intended[change];
  }

  long sent(int change) {
    return sent[change];
  }

  /// When the commit had returned.
  long committed(int change) {
    return committed[change];
  }

  long txid(int change) {
    return txids[change];
  }
}
