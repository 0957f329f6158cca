package dev.penstock.bench;

/// One thing that is measured, over any number of rounds.
interface Way extends AutoCloseable {
  /// Measures baseline and candidate once, one after the other.
  void round(Results results) throws Exception;

  @Override
  void close();
}
