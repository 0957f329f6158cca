package dev.penstock.shapes.log;

import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.Relation;
import dev.penstock.contracts.log.Tuple;
import dev.penstock.shapes.shape.ShapeDefinition;
import dev.penstock.shapes.where.Equality;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The feeds of one table as it is defined, those with an equality by its values.
final class TableFeeds {
  private final ShapeDefinition first;
  private final Set<Feed> feeds = ConcurrentHashMap.newKeySet();
  private final Set<Feed> scanned = ConcurrentHashMap.newKeySet();
  private final Map<Integer, Column> columns = new ConcurrentHashMap<>();
  private final Map<Feed, Equality> indexed = new HashMap<>();
  private @Nullable Relation known;
  private boolean described;

  /// The feeds whose clause compares a column.
  private record Column(Equality like, Map<Object, Set<Feed>> byKey) {
    private Set<Feed> of(Object key) {
      return byKey.getOrDefault(key, Set.of());
    }

    private int size(Object key) {
      return of(key).size();
    }
  }

  TableFeeds(ShapeDefinition first) {
    this.first = first;
  }

  boolean describes(Relation table) {
    return first.describes(table);
  }

  boolean isEmpty() {
    return feeds.isEmpty();
  }

  void add(Feed feed) {
    feeds.add(feed);
    List<Equality> equalities = Equality.of(feed.shape().where());
    if (equalities.isEmpty()) {
      scanned.add(feed);
      return;
    }
    Equality chosen = equalities.stream().min(Comparator.comparingLong(this::load)).orElseThrow();
    indexed.put(feed, chosen);
    Column column =
        columns.computeIfAbsent(
            chosen.column(), _ -> new Column(chosen, new ConcurrentHashMap<>()));
    for (Object key : chosen.keys()) {
      column.byKey().computeIfAbsent(key, _ -> ConcurrentHashMap.newKeySet(1)).add(feed);
    }
  }

  /// How many feeds share the fullest of its keys: `status = 'open'` tells less than an id does.
  private long load(Equality equality) {
    Column column = columns.get(equality.column());
    return column == null ? 0 : equality.keys().stream().mapToInt(column::size).max().orElse(0);
  }

  void remove(Feed feed) {
    feeds.remove(feed);
    scanned.remove(feed);
    Equality equality = indexed.remove(feed);
    if (equality == null) {
      return;
    }
    Column column = java.util.Objects.requireNonNull(columns.get(equality.column()));
    for (Object key : equality.keys()) {
      column
          .byKey()
          .computeIfPresent(
              key,
              (_, sharing) -> {
                sharing.remove(feed);
                return sharing.isEmpty() ? null : sharing;
              });
    }
    if (column.byKey().isEmpty()) {
      columns.remove(equality.column());
    }
  }

  /// The feeds that have to look at the change. All, where the change does not say enough: a table
  /// defined otherwise, no whole old row, no values.
  Collection<Feed> concerned(LogEntry.RowChange change) {
    boolean whole = change.relation().replicaIdentity().equals("f");
    if (!isDescribed(change.relation())) {
      return feeds;
    }
    return switch (change) {
      case LogEntry.Insert insert -> having(insert.row(), insert.row());
      case LogEntry.Delete delete when whole -> having(delete.old(), delete.old());
      case LogEntry.Update update when whole && update.old() != null ->
          having(update.old(), update.row());
      case LogEntry.Delete _, LogEntry.Update _, LogEntry.SnapshotRow _, LogEntry.Oversize _ ->
          feeds;
    };
  }

  private boolean isDescribed(Relation relation) {
    Relation before = known;
    if (before == null || before.id() != relation.id()) {
      known = relation;
      described = first.describes(relation);
    }
    return described;
  }

  /// A row that moves from one shape to another concerns both.
  private Collection<Feed> having(Tuple old, Tuple row) {
    if (columns.isEmpty()) {
      return scanned;
    }
    List<Feed> found = new ArrayList<>(scanned);
    for (Map.Entry<Integer, Column> entry : columns.entrySet()) {
      int index = entry.getKey();
      Column column = entry.getValue();
      try {
        Set<Feed> left = sharing(column, old.text(index));
        found.addAll(left);
        if (!old.sameValue(index, row)) {
          for (Feed entered : sharing(column, row.text(index))) {
            if (!left.contains(entered)) {
              found.add(entered);
            }
          }
        }
      } catch (IllegalArgumentException | ArithmeticException e) {
        // A text that cannot be read: each clause has to stumble over it for itself.
        return feeds;
      }
    }
    return found;
  }

  private static Set<Feed> sharing(Column column, @Nullable String text) {
    return text == null ? Set.of() : column.of(Equality.key(column.like().type(), text));
  }
}
