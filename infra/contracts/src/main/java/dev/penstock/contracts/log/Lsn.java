package dev.penstock.contracts.log;

/// Log sequence numbers of Postgres: unsigned 64-bit, held in a `long`. Compare with
/// [Long#compareUnsigned].
public final class Lsn {
  private Lsn() {}

  /// The number of Postgres' text form `16/B374D848`.
  public static long parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 1) {
      throw new IllegalArgumentException("not an LSN: \"" + text + "\"");
    }
    long high = Long.parseUnsignedLong(text.substring(0, slash), 16);
    long low = Long.parseUnsignedLong(text.substring(slash + 1), 16);
    return (high << 32) | low;
  }

  /// Postgres' text form.
  public static String format(long lsn) {
    return Long.toHexString(lsn >>> 32).toUpperCase(java.util.Locale.ROOT)
        + "/"
        + Long.toHexString(lsn & 0xFFFFFFFFL).toUpperCase(java.util.Locale.ROOT);
  }

  /// The decimal form that the shape protocol and Kafka's headers use.
  public static String decimal(long lsn) {
    return Long.toUnsignedString(lsn);
  }
}
