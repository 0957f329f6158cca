package dev.penstock.gateway.http;

/// The upstream could not be reached or did not begin to answer in time; nothing was sent to the
/// client yet.
public final class UpstreamUnavailableException extends RuntimeException {
  private final boolean busy;

  /// @param busy whether it was not even asked: as many requests as may be are under way to it
  public UpstreamUnavailableException(Throwable cause, boolean busy) {
    super(busy ? "no connection to the upstream was free" : "the upstream did not answer", cause);
    this.busy = busy;
  }

  public boolean busy() {
    return busy;
  }
}
