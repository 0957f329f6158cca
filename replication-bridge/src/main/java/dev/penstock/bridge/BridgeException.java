package dev.penstock.bridge;

/// What trying again cannot mend: a person must change the configuration or the database. The
/// message is the sentence to show.
final class BridgeException extends RuntimeException {
  private final String sentence;

  BridgeException(String sentence) {
    super(sentence);
    this.sentence = sentence;
  }

  String sentence() {
    return sentence;
  }
}
