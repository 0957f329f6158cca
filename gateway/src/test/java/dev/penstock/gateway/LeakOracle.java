package dev.penstock.gateway;

import dev.penstock.gateway.TwoTenants.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Knows whose every value is, and so sees in the bytes of an answer what its caller's token does
/// not cover: other rows, other columns, their names, secrets and what is inside of the gateway.
final class LeakOracle {
  private static final Pattern CANARY =
      Pattern.compile(
          "cnry[0-9a-f]{24}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  // No text of an exception, a stack trace or a database may get out.
  private static final Pattern INSIDE =
      Pattern.compile(
          "\\tat [a-z]|org\\.springframework|dev\\.penstock|io\\.netty|java\\.lang\\.|org\\.postgresql"
              + "|jdbc:|root:x:0");

  private final Map<String, Place> canaries;
  private final List<String> secrets;
  private final String hidden;
  private final Map<String, String> conversations;

  /// @param secrets that no answer may have
  LeakOracle(TwoTenants tenants, List<String> secrets) {
    this.canaries = tenants.canaries();
    this.secrets = secrets;
    this.hidden = tenants.hidden;
    this.conversations =
        tenants.conversationsOf(TwoTenants.BOB).stream()
            .collect(java.util.stream.Collectors.toMap(Object::toString, _ -> TwoTenants.BOB));
  }

  /// What the reply has and the token does not cover.
  ///
  /// @param request as it was sent: what came from there is no leak, unless it is a canary
  /// @param covered by the token that was used
  List<String> leaks(String request, Reply reply, Predicate<Place> covered) {
    List<String> leaks = new ArrayList<>();
    for (String text : List.of(reply.raw(), reply.decoded())) {
      String lower = text.toLowerCase(Locale.ROOT);
      Matcher found = CANARY.matcher(lower);
      while (found.find()) {
        String value = found.group();
        Place place = canaries.get(value);
        if (place != null && !covered.test(place)) {
          leaks.add(value + " of " + place);
        }
        String owner = conversations.get(value);
        if (owner != null
            && !request.toLowerCase(Locale.ROOT).contains(value)
            && !covered.test(new Place(owner, value, "messages", "conversation_id"))) {
          leaks.add("conversation " + value + " of " + owner);
        }
      }
      if (lower.contains(hidden) && !request.toLowerCase(Locale.ROOT).contains(hidden)) {
        leaks.add("the name of a column that is not synced");
      }
      for (String secret : secrets) {
        if (text.contains(secret)) {
          leaks.add("a secret");
        }
      }
      Matcher inside = INSIDE.matcher(text);
      if (inside.find() && !request.contains(inside.group())) {
        leaks.add("what is inside of the gateway: " + inside.group());
      }
    }
    return leaks.stream().distinct().toList();
  }

  /// How many covered values the reply has.
  long covered(Reply reply, Predicate<Place> covered) {
    return CANARY
        .matcher(reply.decoded())
        .results()
        .map(java.util.regex.MatchResult::group)
        .distinct()
        .filter(value -> {
          Place place = canaries.get(value);
          return place != null && covered.test(place);
        })
        .count();
  }
}
