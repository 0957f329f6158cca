package dev.penstock.stack;

import java.nio.file.Path;

/// Why a server did not start or stop. The message is one sentence for the person at the terminal;
/// the launcher prints exactly that.
public final class StackException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StackException(String sentence) {
    super(sentence);
  }

  StackException(String sentence, Throwable cause) {
    super(sentence, cause);
  }

  static StackException busyPort(int port, String purpose, Path directory) {
    return new StackException(
        "Port "
            + port
            + ", wanted for "
            + purpose
            + " with the data directory "
            + directory
            + ", is in use by another process: stop that process or choose another port.");
  }

  static StackException directoryInUse(Path directory, String holder) {
    return new StackException(
        "The data directory "
            + directory
            + " is in use by another process"
            + holder
            + ": stop it or choose another directory.");
  }

  static StackException unwritable(Path directory, Throwable cause) {
    return new StackException(
        "The data directory " + directory + " cannot be written by this user.", cause);
  }
}
