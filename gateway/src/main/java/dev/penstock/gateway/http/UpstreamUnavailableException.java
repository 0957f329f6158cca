package dev.penstock.gateway.http;

/// The upstream could not be reached or did not begin to answer in time; nothing was sent to the
/// client yet.
public final class UpstreamUnavailableException extends RuntimeException {
  public UpstreamUnavailableException(Throwable cause) {
    super("the upstream did not answer", cause);
  }
}
