package dev.penstock.shapes.log;

import dev.penstock.contracts.log.LogEntry;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// Which feeds a change may concern. A clause with an equality is found by the change's old and new
/// values, so the cost of a change does not grow with the number of such shapes; a clause without
/// one is looked at for every change of its table.
///
/// A feed may be added while a change is looked up; [#remove] and [#concerned] are for one thread.
final class FeedIndex {
  private final Map<Long, List<TableFeeds>> tables = new ConcurrentHashMap<>();

  void add(Feed feed) {
    List<TableFeeds> all =
        tables.computeIfAbsent(feed.shape().table().oid(), _ -> new CopyOnWriteArrayList<>());
    synchronized (all) {
      for (TableFeeds same : all) {
        if (same.describes(feed.shape().table())) {
          same.add(feed);
          return;
        }
      }
      TableFeeds first = new TableFeeds(feed.shape());
      first.add(feed);
      all.add(first);
    }
  }

  void remove(Feed feed) {
    List<TableFeeds> all = tables.getOrDefault(feed.shape().table().oid(), List.of());
    synchronized (all) {
      all.forEach(same -> same.remove(feed));
      all.removeIf(TableFeeds::isEmpty);
    }
  }

  /// The feeds that have to look at the change, each once.
  Collection<Feed> concerned(LogEntry.RowChange change) {
    // Nearly always one: another definition of the table lives on only until its handles end.
    List<TableFeeds> all = tables.getOrDefault(change.relation().oid(), List.of());
    if (all.size() == 1) {
      return all.getFirst().concerned(change);
    }
    return all.stream().flatMap(feeds -> feeds.concerned(change).stream()).toList();
  }
}
