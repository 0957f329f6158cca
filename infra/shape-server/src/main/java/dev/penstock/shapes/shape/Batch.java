package dev.penstock.shapes.shape;

import java.util.Arrays;

/// One transaction's messages for one shape, serialised once. In `json` a comma stands behind each.
public final class Batch {
  private final long[] ops;
  private final int[] starts;
  private final byte[] json;

  private Batch(long[] ops, int[] starts, byte[] json) {
    this.ops = ops;
    this.starts = starts;
    this.json = json;
  }

  public int count() {
    return ops.length;
  }

  public int byteSize() {
    return json.length + 12 * ops.length;
  }

  public long op(int message) {
    return ops[message];
  }

  /// The bytes that hold the messages; never to be written to.
  public byte[] json() {
    return json;
  }

  public int start(int message) {
    return starts[message];
  }

  /// Where the message ends, without its comma.
  public int end(int message) {
    return (message + 1 < starts.length ? starts[message + 1] : json.length) - 1;
  }

  /// Up to which message a response of about `limit` bytes goes that starts with `from`. It ends
  /// neither between the halves of a moved row nor at operation 0 of a transaction that goes on,
  /// see [Offset#whole].
  public int cut(int from, long limit) {
    for (int next = from + 1; next < ops.length; next++) {
      boolean full = starts[next] - starts[from] >= limit;
      if (full && ops[next - 1] != 0 && ops[next] != ops[next - 1] + 1) {
        return next;
      }
    }
    return ops.length;
  }

  /// The first message with an operation behind this one; [#count] without any.
  public int after(long op) {
    if (op == Offset.INF) {
      return ops.length;
    }
    int found = Arrays.binarySearch(ops, op);
    return found >= 0 ? found + 1 : -found - 1;
  }

  static final class Builder {
    private long[] ops = new long[4];
    private int[] starts = new int[4];
    private int count;

    int count() {
      return count;
    }

    void start(long op, int at) {
      if (count == ops.length) {
        ops = Arrays.copyOf(ops, 2 * count);
        starts = Arrays.copyOf(starts, 2 * count);
      }
      ops[count] = op;
      starts[count++] = at;
    }

    Batch build(byte[] json) {
      return new Batch(Arrays.copyOf(ops, count), Arrays.copyOf(starts, count), json);
    }
  }
}
