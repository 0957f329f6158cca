package dev.penstock.bench;

import java.util.Locale;

/// All that is measured, in the order in which it is.
enum Ways {
  LOG("commit to the log, at 50 transactions per second, and idle"),
  BRIDGE("how fast a backlog is drained"),
  LIVE("commit to a live client"),
  WATERFALL("where the time from commit to client is spent"),
  FANOUT("many clients, many shapes"),
  SNAPSHOT("initial sync of a large table"),
  SEND("POST /questions/send"),
  BROWSER("POST to awaitTxId, and to the answer's first text, in the npm client"),
  MEMORY("what is held costs"),
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

  /// How often it is measured: where a round starts programs, fewer times.
  int rounds(Size size) {
    return switch (this) {
      case LOG, BRIDGE -> size.of(1, 2, 5);
      case LIVE, SNAPSHOT, SEND -> size.of(1, 3, 5);
      case FANOUT, COLD -> size.of(1, 2, 4);
      case WATERFALL, BROWSER -> size.of(1, 1, 3);
      case MEMORY -> size.of(1, 1, 3);
      case INNER -> 1;
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
