package dev.penstock.bridge.router;

/// Keyed topics hold records, and nothing says how far the router had come.
final class RoutedBeforeException extends RuntimeException {
  private static final long serialVersionUID = 1;

  RoutedBeforeException(String topic) {
    super(
        "the topic "
            + topic
            + " holds records and the router's position is gone: it would write them all again."
            + " Delete the keyed topics, and they are derived from the log anew");
  }
}
