package dev.penstock.bench;

/// How much of what the load generator can do was asked of it.
///
/// @param cores of this JVM while the load ran
/// @param load what it did, in `unit`
/// @param most what the same generator does where nothing is behind it; not a number where its part
///   of a core says enough
/// @param against where that most was reached
record Generator(
    String way,
    String subject,
    double cores,
    double load,
    double most,
    String unit,
    String against) {
  /// Nothing is timed, or the load is over before the measurement begins.
  static Generator idle(Ways way, String subject, double cores, String why) {
    return new Generator(way.id(), subject, cores, Double.NaN, Double.NaN, "", why);
  }

  /// By its part of a core alone: it is one thread.
  static Generator thread(Ways way, String subject, double cores, String what) {
    return new Generator(way.id(), subject, cores, cores, 1, "of a core", what);
  }

  /// Of 1; not a number where nothing was asked of it.
  double share() {
    return load / most;
  }

  String loadText() {
    return Double.isNaN(load) ? "–" : Numbers.with(load, unit);
  }

  String mostText() {
    return Double.isNaN(most) ? "–" : Numbers.with(most, unit);
  }

  String shareText() {
    return Double.isNaN(share()) ? "–" : Numbers.with(100 * share(), "%");
  }
}
