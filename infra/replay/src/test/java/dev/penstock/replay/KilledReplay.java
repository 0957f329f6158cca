package dev.penstock.replay;

/// A command in a process of its own.
final class KilledReplay {
  private KilledReplay() {}

  public static void main(String[] arguments) {
    System.exit(Commands.run(System.out, System.err, arguments));
  }
}
