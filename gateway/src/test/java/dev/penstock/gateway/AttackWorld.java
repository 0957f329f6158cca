package dev.penstock.gateway;

import dev.penstock.gateway.TwoTenants.Place;
import java.util.List;
import java.util.function.Predicate;

/// What an attacker has: a login of her own, Shape Tokens of her own, and all the ids of her
/// victim.
///
/// @param messages her token for one of her conversations
/// @param conversations her token for the list of them
/// @param narrow her token for the same messages, but for the columns `id`, `conversation_id`,
///   `role`
/// @param revokedLogin a login of her victim's that he has ended: see [AttackedGateway]
/// @param revokedMessages a token that was given for that login
record AttackWorld(
    TwoTenants tenants,
    String login,
    String messages,
    String conversations,
    String narrow,
    String revokedLogin,
    String revokedMessages) {
  static final String REVOKED = "stolen";

  static final List<String> COLUMNS =
      List.of(
          "id",
          "conversation_id",
          "role",
          "status",
          "content",
          "error",
          "reply_to",
          "created_at",
          "updated_at");
  static final List<String> NARROW = List.of("id", "conversation_id", "role");

  /// A token and what it covers.
  record Held(String token, Predicate<Place> covered, String table, String where, String param) {}

  static AttackWorld of(TwoTenants tenants) {
    String conversation = tenants.conversationsOf(TwoTenants.ALICE).getFirst().toString();
    String victims = tenants.conversationsOf(TwoTenants.BOB).getFirst().toString();
    return new AttackWorld(
        tenants,
        Forge.authToken(TwoTenants.ALICE),
        messagesToken(TwoTenants.ALICE, conversation, COLUMNS),
        Forge.shapeToken(
            Forge.shapeClaims(
                TwoTenants.ALICE,
                "conversations",
                TestGateway.JSON.writeValueAsString(List.of("id", "owner", "title", "created_at")),
                "owner = $1",
                TwoTenants.ALICE)),
        messagesToken(TwoTenants.ALICE, conversation, NARROW),
        Forge.token(
            "{\"alg\":\"RS256\"}",
            Forge.authClaims(TwoTenants.BOB, REVOKED),
            Forge.rsa(Forge.PROVIDER)),
        Forge.shapeToken(
            messagesClaims(TwoTenants.BOB, victims, COLUMNS)
                .replaceFirst("}$", ",\"auth_jti\":\"%s\"}".formatted(REVOKED))));
  }

  static String messagesToken(String owner, String conversation, List<String> columns) {
    return Forge.shapeToken(messagesClaims(owner, conversation, columns));
  }

  private static String messagesClaims(String owner, String conversation, List<String> columns) {
    return Forge.shapeClaims(
        owner,
        "messages",
        TestGateway.JSON.writeValueAsString(columns),
        "conversation_id = $1",
        conversation);
  }

  List<Held> held() {
    String own = own();
    return List.of(
        new Held(messages, messagesOf(own, COLUMNS), "messages", "conversation_id = $1", own),
        new Held(narrow, messagesOf(own, NARROW), "messages", "conversation_id = $1", own),
        new Held(
            conversations,
            place ->
                place.owner().equals(TwoTenants.ALICE)
                    && place.table().equals("conversations")
                    && !place.column().equals(tenants.hidden),
            "conversations",
            "owner = $1",
            TwoTenants.ALICE));
  }

  /// All that the policies would give her.
  Predicate<Place> hers() {
    return place ->
        place.owner().equals(TwoTenants.ALICE) && !place.column().equals(tenants.hidden);
  }

  static Predicate<Place> messagesOf(String conversation, List<String> columns) {
    return place ->
        place.table().equals("messages")
            && place.conversation().equals(conversation)
            && columns.contains(place.column());
  }

  String own() {
    return tenants.conversationsOf(TwoTenants.ALICE).getFirst().toString();
  }

  String victims() {
    return tenants.conversationsOf(TwoTenants.BOB).getFirst().toString();
  }
}
