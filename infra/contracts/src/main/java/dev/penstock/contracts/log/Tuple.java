package dev.penstock.contracts.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A row's values in Postgres' text form, UTF-8, in the order of its [Relation]'s columns: a view
/// of bytes that it does not copy.
public final class Tuple {
  private static final int NULL = -1;
  private static final int UNCHANGED = -2;

  private final byte[] bytes;
  private final int[] spans;

  /// @param bytes what the spans point into; must not change any more
  /// @param spans start and length of each value; the length is -1 for null, -2 for an unchanged
  ///   TOAST value that the source did not send
  private Tuple(byte[] bytes, int[] spans) {
    this.bytes = bytes;
    this.spans = spans;
  }

  /// A tuple of texts and nulls.
  public static Tuple of(@Nullable String... values) {
    Builder builder = new Builder(values.length);
    for (String value : values) {
      if (value == null) {
        builder.addNull();
      } else {
        builder.add(value.getBytes(UTF_8));
      }
    }
    return builder.build();
  }

  /// The number of columns.
  public int size() {
    return spans.length / 2;
  }

  public boolean isNull(int column) {
    return spans[2 * column + 1] == NULL;
  }

  /// Whether the value is an unchanged TOAST value that the source did not send (never with REPLICA
  /// IDENTITY FULL).
  public boolean isUnchanged(int column) {
    return spans[2 * column + 1] == UNCHANGED;
  }

  /// The value's text, or null if it is null or unchanged.
  public @Nullable String text(int column) {
    int length = spans[2 * column + 1];
    return length < 0 ? null : new String(bytes, spans[2 * column], length, UTF_8);
  }

  /// The array that holds the values; use with [#start] and [#length], and never write to it.
  public byte[] array() {
    return bytes;
  }

  /// Where the value starts in [#array].
  public int start(int column) {
    return spans[2 * column];
  }

  /// The value's length in bytes; negative for null and unchanged.
  public int length(int column) {
    return spans[2 * column + 1];
  }

  /// The sum of the values' lengths in bytes.
  public long byteSize() {
    long sum = 0;
    for (int i = 1; i < spans.length; i += 2) {
      sum += Math.max(0, spans[i]);
    }
    return sum;
  }

  /// Whether both tuples have the same text, or null, in a column.
  public boolean sameValue(int column, Tuple other) {
    int length = length(column);
    if (length != other.length(column)) {
      return false;
    }
    return length <= 0
        || Arrays.equals(
            bytes,
            start(column),
            start(column) + length,
            other.bytes,
            other.start(column),
            other.start(column) + length);
  }

  /// This tuple with the values that it lacks ([#isUnchanged]) taken from the old row, where the
  /// old row has them.
  public Tuple withUnchangedFrom(Tuple old) {
    boolean lacking = false;
    for (int i = 0; i < size(); i++) {
      lacking |= isUnchanged(i);
    }
    if (!lacking) {
      return this;
    }
    Builder builder = new Builder(size());
    for (int i = 0; i < size(); i++) {
      Tuple source = isUnchanged(i) && i < old.size() ? old : this;
      builder.addFrom(source, i);
    }
    return builder.build();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    if (!(other instanceof Tuple that) || size() != that.size()) {
      return false;
    }
    for (int i = 0; i < size(); i++) {
      if (!sameValue(i, that)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    int hash = size();
    for (int i = 0; i < size(); i++) {
      hash = 31 * hash + length(i);
      for (int at = start(i); at < start(i) + length(i); at++) {
        hash = 31 * hash + bytes[at];
      }
    }
    return hash;
  }

  @Override
  public String toString() {
    return "Tuple of " + size() + " columns, " + byteSize() + " bytes";
  }

  /// Collects a tuple's values in column order; the first array that is added as a slice is shared,
  /// not copied.
  public static final class Builder {
    private final int[] spans;
    private byte @Nullable [] shared;
    private byte @Nullable [] own;
    private int ownLength;
    private int column;

    public Builder(int columns) {
      spans = new int[2 * columns];
    }

    public Builder addNull() {
      return mark(NULL);
    }

    public Builder addUnchanged() {
      return mark(UNCHANGED);
    }

    public Builder add(byte[] value) {
      return add(value, 0, value.length);
    }

    /// Adds a slice of an array that must not change any more.
    @SuppressWarnings("ReferenceEquality") // the same array, not an equal one
    public Builder add(byte[] array, int start, int length) {
      if (shared == null && own == null) {
        shared = array;
      }
      if (array == shared) {
        return span(start, length);
      }
      return span(copy(array, start, length), length);
    }

    public Tuple build() {
      if (2 * column != spans.length) {
        throw new IllegalStateException(column + " of " + spans.length / 2 + " values were added");
      }
      byte[] bytes = own != null ? own : shared != null ? shared : new byte[0];
      return new Tuple(bytes, spans);
    }

    private void addFrom(Tuple tuple, int index) {
      int length = tuple.length(index);
      if (length < 0) {
        mark(length);
      } else {
        add(tuple.bytes, tuple.start(index), length);
      }
    }

    private Builder mark(int marker) {
      return span(0, marker);
    }

    private Builder span(int start, int length) {
      spans[2 * column] = start;
      spans[2 * column + 1] = length;
      column++;
      return this;
    }

    /// A second array came: from here on the values live in an array of the tuple's own.
    private int copy(byte[] array, int start, int length) {
      byte[] target = own;
      if (target == null) {
        target = new byte[Math.max(64, 2 * length)];
        byte[] first = shared;
        shared = null;
        own = target;
        if (first != null) {
          for (int i = 0; i < column; i++) {
            if (spans[2 * i + 1] >= 0) {
              spans[2 * i] = append(first, spans[2 * i], spans[2 * i + 1]);
            }
          }
        }
      }
      return append(array, start, length);
    }

    private int append(byte[] array, int start, int length) {
      byte[] target = java.util.Objects.requireNonNull(own);
      if (target.length - ownLength < length) {
        target = Arrays.copyOf(target, Math.max(2 * target.length, ownLength + length));
        own = target;
      }
      System.arraycopy(array, start, target, ownLength, length);
      ownLength += length;
      return ownLength - length;
    }
  }
}
