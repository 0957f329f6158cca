package dev.penstock.command;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;

/// Answers outside of the dispatcher: 401 with RFC 6750's challenge, never why a token was refused
/// in more than its error code; 503 where the issuer's keys cannot be had.
final class AuthFailure {
  private AuthFailure() {}

  static void answer(
      HttpServletRequest request, HttpServletResponse response, AuthenticationException failure)
      throws IOException {
    if (failure instanceof AuthenticationServiceException) {
      response.setHeader(HttpHeaders.RETRY_AFTER, "1");
      problem(
          response, HttpStatus.SERVICE_UNAVAILABLE, "The keys of the Auth Tokens cannot be had.");
    } else if (failure instanceof OAuth2AuthenticationException) {
      response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"");
      problem(response, HttpStatus.UNAUTHORIZED, "The Auth Token is not valid.");
    } else {
      response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
      problem(response, HttpStatus.UNAUTHORIZED, "An Auth Token is required.");
    }
  }

  /// @param detail a constant that needs no escape in JSON
  static void problem(HttpServletResponse response, HttpStatus status, String detail)
      throws IOException {
    response.setStatus(status.value());
    response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
    response
        .getOutputStream()
        .print(
            "{\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\"}"
                .formatted(status.getReasonPhrase(), status.value(), detail));
  }
}
