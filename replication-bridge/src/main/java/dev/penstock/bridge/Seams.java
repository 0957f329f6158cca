package dev.penstock.bridge;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/// Hands a term's feed to the classes that Debezium makes by their names. A registry in a static
/// field is the only way to them; the key is the term's id, in the engine's configuration.
final class Seams {
  /// The engine's configuration key that holds the term's id.
  static final String TERM = "penstock.term";

  private static final Map<String, Seam> SEAMS = new ConcurrentHashMap<>();

  private Seams() {}

  /// @param snapshotLsn up to where the generation's snapshot has the rows, 0 without one
  /// @param streaming completed when the stream has started
  record Seam(
      LogFeed feed,
      Database database,
      String slot,
      String publication,
      long snapshotLsn,
      CompletableFuture<Void> streaming) {}

  static void put(String term, Seam seam) {
    SEAMS.put(term, seam);
  }

  static Seam get(String term) {
    Seam seam = SEAMS.get(term);
    if (seam == null) {
      throw new IllegalStateException("the term is over");
    }
    return seam;
  }

  static void remove(String term) {
    SEAMS.remove(term);
    WaitableSockets.forget(term);
  }
}
