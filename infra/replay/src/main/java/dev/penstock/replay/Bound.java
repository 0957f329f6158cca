package dev.penstock.replay;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/// A place in the history, as a person names it.
sealed interface Bound {
  /// Before everything, or behind everything that is there.
  record Open() implements Bound {}

  /// The commit's time.
  record Time(Instant at) implements Bound {}

  /// An offset of `<prefix>.log`.
  record Offset(long offset) implements Bound {}

  record Txid(long txid) implements Bound {}

  /// A commit LSN, in the generation that has it.
  record CommitLsn(long lsn) implements Bound {}

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
        case "txid" -> new Txid(number(value));
        case "offset" -> new Offset(number(value));
        case "lsn" -> new CommitLsn(value.contains("/") ? lsn(value) : number(value));
        case "time" -> time(value);
        default -> time(text);
      };
    } catch (DateTimeException | IllegalArgumentException e) {
      throw new ReplayException(
          "%s %s: say %s, time:2026-01-31T12:00:00Z, txid:1234, offset:1234 or lsn:0/16B3748."
              .formatted(option, text, open),
          e);
    }
  }

  private static long number(String text) {
    return Long.parseUnsignedLong(text);
  }

  private static long lsn(String text) {
    int slash = text.indexOf('/');
    return Long.parseLong(text, 0, slash, 16) << 32
        | Long.parseLong(text, slash + 1, text.length(), 16);
  }

  private static Bound time(String text) {
    return new Time(
        text.contains("T")
            ? OffsetDateTime.parse(text).toInstant()
            : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant());
  }
}
