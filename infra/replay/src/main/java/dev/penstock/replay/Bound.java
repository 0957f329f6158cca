package dev.penstock.replay;

import dev.penstock.contracts.log.Lsn;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/// A place in the history, as a person names it.
sealed interface Bound {
  /// Of 32 bits, as everywhere in Kafka and in the shapes.
  long MAX_TXID = 0xFFFF_FFFFL;

  /// Before everything, or behind everything that is there.
  record Open() implements Bound {
    @Override
    public String toString() {
      return "an open end";
    }
  }

  /// The commit's time.
  record Time(Instant at) implements Bound {
    @Override
    public String toString() {
      return "time:" + at;
    }
  }

  /// An offset of `<prefix>.log`: a transaction is where its last record is.
  record Offset(long offset) implements Bound {
    @Override
    public String toString() {
      return "offset:" + offset;
    }
  }

  record Txid(long txid) implements Bound {
    @Override
    public String toString() {
      return "txid:" + txid;
    }
  }

  /// A commit LSN, in the generation that has it.
  record CommitLsn(long lsn) implements Bound {
    @Override
    public String toString() {
      return "lsn:" + Lsn.format(lsn);
    }
  }

  /// Reads what a person wrote.
  ///
  /// @param open the word for an open end
  static Bound parse(String option, String text, String open) {
    if (text.equals(open)) {
      return new Open();
    }
    int colon = text.indexOf(':');
    String kind = colon < 0 ? "" : text.substring(0, colon);
    String value = text.substring(colon + 1);
    try {
      return switch (kind) {
        case "txid" -> new Txid(limited(value, MAX_TXID));
        case "offset" -> new Offset(limited(value, Long.MAX_VALUE));
        case "lsn" -> new CommitLsn(value.contains("/") ? Lsn.parse(value) : number(value));
        case "time" -> time(value);
        default -> time(text);
      };
    } catch (DateTimeException | IllegalArgumentException e) {
      throw new OptionException(
          "%s %s: say %s, time:2026-01-31T12:00:00Z, txid:1234, offset:1234 or lsn:0/16B3748."
              .formatted(option, text, open),
          e);
    }
  }

  private static long limited(String text, long most) {
    long number = number(text);
    if (number < 0 || number > most) {
      throw new IllegalArgumentException(text);
    }
    return number;
  }

  private static long number(String text) {
    return Long.parseUnsignedLong(text);
  }

  private static Bound time(String text) {
    return new Time(
        text.contains("T")
            ? OffsetDateTime.parse(text).toInstant()
            : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant());
  }
}
