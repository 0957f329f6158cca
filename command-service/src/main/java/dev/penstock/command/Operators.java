package dev.penstock.command;

import java.security.Principal;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;
import org.springframework.web.ErrorResponseException;

/// Who may do what is not about the caller's own data: whose Auth Token has the configured claim.
///
/// @param claim its name, empty for nobody
/// @param value what it must be, or hold where it is a list
record Operators(String claim, String value) {
  /// @throws ErrorResponseException 403 for anyone else
  void require(Principal caller) {
    if (include(caller)) {
      return;
    }
    ErrorResponseException problem = new ErrorResponseException(HttpStatus.FORBIDDEN);
    problem.setDetail("This is for operators only.");
    throw problem;
  }

  boolean include(Principal caller) {
    return !claim.isEmpty()
        && caller instanceof JwtAuthenticationToken token
        && grants(token.getToken().getClaim(claim));
  }

  private boolean grants(@Nullable Object held) {
    return held instanceof Collection<?> values
        ? values.stream().anyMatch(each -> value.equals(String.valueOf(each)))
        : held != null && value.equals(String.valueOf(held));
  }
}
