package dev.penstock.bench;

import java.util.Collection;
import java.util.Locale;

/// All that is measured, in the order in which it is.
enum Ways {
  LOG("commit to the log, at 50 transactions per second, and idle"),
  BRIDGE("how fast a backlog is drained"),
  LIVE("commit to a live client"),
  FANOUT("many clients, many shapes"),
  MEMORY("what is held costs"),
  WATERFALL("where the time from commit to browser is spent"),
  SNAPSHOT("initial sync of a large table"),
  SEND("POST /questions/send"),
  BROWSER("POST to awaitTxId, and to the answer's first text, in the npm client"),
  COLD("from nothing to the first synced row"),
  INNER("hot inner parts, by JMH");

  private final String title;

  Ways(String title) {
    this.title = title;
  }

  /// @throws IllegalArgumentException with a sentence
  static Ways of(String id) {
    for (Ways way : values()) {
      if (way.id().equals(id)) {
        return way;
      }
    }
    throw new IllegalArgumentException("\"" + id + "\" is no way.");
  }

  String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  String title() {
    return title;
  }

  /// Whether it shares what a client follows with others.
  private boolean follows() {
    return this == LIVE || this == FANOUT || this == MEMORY;
  }

  /// Whether none that is measured later needs what a client follows.
  boolean endsFollowing(Collection<Ways> measured) {
    return measured.stream().noneMatch(way -> way.follows() && way.compareTo(this) > 0);
  }

  /// How often it is measured: what varies most, most often.
  int rounds(Size size) {
    return switch (this) {
      case BRIDGE, COLD -> size.of(1, 1, 3);
      case LOG, SNAPSHOT -> size.of(1, 1, 2);
      case LIVE, FANOUT, WATERFALL, SEND, BROWSER, MEMORY, INNER -> 1;
    };
  }

  /// Prepares it.
  Way open(Stand stand) throws Exception {
    return switch (this) {
      case LOG -> new LogLatency(stand);
      case BRIDGE -> new Drain(stand);
      case LIVE -> new LiveWay(stand);
      case WATERFALL -> new Waterfall(stand);
      case FANOUT -> new FanOut(stand);
      case SNAPSHOT -> new SnapshotWay(stand);
      case SEND -> new SendWay(stand);
      case BROWSER -> new BrowserWay(stand);
      case MEMORY -> new MemoryWay(stand);
      case COLD -> new ColdWay(stand);
      case INNER -> new InnerWay(stand);
    };
  }
}
