package dev.penstock.gateway.provider;

/// The provider of Auth Tokens does not answer, or not with keys.
public final class ProviderUnavailableException extends RuntimeException {
  ProviderUnavailableException() {
    super("asked too often");
  }

  ProviderUnavailableException(Throwable cause) {
    super(cause);
  }

  ProviderUnavailableException(String reason) {
    super(reason);
  }
}
