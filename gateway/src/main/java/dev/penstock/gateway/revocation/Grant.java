package dev.penstock.gateway.revocation;

import java.time.Instant;
import java.util.List;

/// What a token gives and since when, as far as it can be revoked. The times have whole seconds, as
/// in tokens.
///
/// @param login revocable by what was given with the login: its user, its tokens' ids
/// @param loginAt when the Auth Token was issued; the epoch where it does not say
/// @param things revocable by what the token is for
/// @param issuedAt when the token itself was issued, before the permission was asked
public record Grant(List<String> login, Instant loginAt, List<String> things, Instant issuedAt) {
  public Grant {
    login = List.copyOf(login);
    things = List.copyOf(things);
  }
}
