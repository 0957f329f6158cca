package dev.penstock.bench;

/// How much is measured.
enum Size {
  /// That everything works; its figures mean nothing.
  SMOKE,
  /// A few minutes.
  SHORT,
  /// Several rounds.
  FULL;

  /// What this size has of something.
  int of(int smoke, int brief, int full) {
    return switch (this) {
      case SMOKE -> smoke;
      case SHORT -> brief;
      case FULL -> full;
    };
  }
}
