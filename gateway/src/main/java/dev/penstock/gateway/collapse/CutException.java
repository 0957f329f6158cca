package dev.penstock.gateway.collapse;

import java.io.IOException;

/// A reader was cut off; its connection is closed already.
public final class CutException extends IOException {
  /// Why.
  public enum Reason {
    /// Others of the same answer were too far ahead.
    SLOW,
    /// It took nothing for too long.
    STALLED
  }

  CutException(Reason reason) {
    super("connection reset by the gateway: the reader is " + reason);
  }
}
