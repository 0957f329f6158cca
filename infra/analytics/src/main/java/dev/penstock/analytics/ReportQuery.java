package dev.penstock.analytics;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What of the numbers is asked for.
///
/// @param minutes how long the window is
/// @param until its end, a full minute
/// @param conversations how many are listed, those with the most questions
/// @param conversation the only one that counts; null for all
record ReportQuery(int minutes, Instant until, int conversations, @Nullable UUID conversation) {
  private static final int MOST_MINUTES = 1_440;
  private static final int MOST_CONVERSATIONS = 100;
  private static final Instant FIRST = Instant.parse("2000-01-01T00:00:00Z");
  private static final Instant LAST = Instant.parse("2200-01-01T00:00:00Z");

  /// A parameter that cannot be answered.
  static final class RefusedException extends Exception {
    final String field;

    RefusedException(String field, String reason) {
      super(reason);
      this.field = field;
    }
  }

  /// @param raw the query as it stands in the URL; every parameter is optional
  static ReportQuery parse(@Nullable String raw, Instant now) throws RefusedException {
    Map<String, String> given = new HashMap<>();
    if (raw != null && !raw.isEmpty()) {
      for (String pair : raw.split("&", 16)) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? pair : pair.substring(0, equals);
        if (given.put(name, equals < 0 ? "" : pair.substring(equals + 1)) != null) {
          throw new RefusedException(name, "is given twice");
        }
      }
    }
    int minutes = number(given, "minutes", 60, 1, MOST_MINUTES);
    int conversations = number(given, "conversations", 10, 0, MOST_CONVERSATIONS);
    Instant until = until(given.remove("until"), now);
    String conversation = given.remove("conversation");
    if (!given.isEmpty()) {
      throw new RefusedException(given.keySet().iterator().next(), "is no parameter");
    }
    return new ReportQuery(minutes, until, conversations, uuid(conversation));
  }

  Instant from() {
    return until.minus(minutes, ChronoUnit.MINUTES);
  }

  private static int number(
      Map<String, String> given, String name, int otherwise, int least, int most)
      throws RefusedException {
    String text = given.remove(name);
    if (text == null) {
      return otherwise;
    }
    int value = text.matches("[0-9]{1,6}") ? Integer.parseInt(text) : -1;
    if (value < least || value > most) {
      throw new RefusedException(name, "must be a number from " + least + " to " + most);
    }
    return value;
  }

  private static Instant until(@Nullable String text, Instant now) throws RefusedException {
    Instant until = now.plus(1, ChronoUnit.MINUTES);
    if (text != null) {
      try {
        until = Instant.parse(text.replace("%3A", ":").replace("%3a", ":"));
      } catch (DateTimeException e) {
        throw new RefusedException("until", "must be a time such as 2026-11-23T10:15:00Z");
      }
    }
    if (until.isBefore(FIRST) || until.isAfter(LAST)) {
      throw new RefusedException("until", "must lie between 2000 and 2200");
    }
    return until.truncatedTo(ChronoUnit.MINUTES);
  }

  private static @Nullable UUID uuid(@Nullable String text) throws RefusedException {
    if (text == null) {
      return null;
    }
    try {
      UUID id = UUID.fromString(text);
      if (id.toString().equalsIgnoreCase(text)) {
        return id;
      }
    } catch (IllegalArgumentException e) {
      throw new RefusedException("conversation", "must be a UUID");
    }
    throw new RefusedException("conversation", "must be a UUID");
  }
}
