package dev.penstock.local;

/// A setting that the launcher cannot start with; the message is the sentence for the person who
/// set it.
final class SettingException extends RuntimeException {
  SettingException(String message) {
    super(message);
  }
}
