package dev.penstock.shapes.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.penstock.contracts.log.Relation;
import dev.penstock.shapes.shape.ShapeDefinition;
import dev.penstock.shapes.snapshot.Catalog;
import dev.penstock.shapes.snapshot.SnapshotQuery;
import dev.penstock.shapes.where.Expr;
import dev.penstock.shapes.where.Identifiers;
import dev.penstock.shapes.where.OrderBy;
import dev.penstock.shapes.where.Where;
import dev.penstock.shapes.where.WhereException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.cache.CaffeineCacheMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/// From a request's words to a shape of a table.
final class Definitions {
  private static final int ENTRY_CHARACTERS = 500;

  private final Catalog catalog;
  private final Cache<Words, ShapeDefinition> read;

  /// @param remembered how many characters of definitions are kept: a live client sends its own
  ///   with every poll
  Definitions(Catalog catalog, long remembered, MeterRegistry meters) {
    this.catalog = catalog;
    read =
        Caffeine.newBuilder()
            .maximumWeight(remembered)
            .<Words, ShapeDefinition>weigher((words, _) -> words.characters())
            .executor(Runnable::run)
            .recordStats()
            .build();
    CaffeineCacheMetrics.monitor(meters, read, "penstock.shapes.definitions");
  }

  /// What of a request names a shape.
  private record Words(
      Catalog.Name table,
      @Nullable String where,
      Map<Integer, String> params,
      @Nullable String columns,
      @Nullable String queryableColumns,
      boolean fullReplica,
      boolean changesOnly) {
    int characters() {
      int params = this.params.values().stream().mapToInt(String::length).sum();
      return ENTRY_CHARACTERS + params + of(where) + of(columns) + of(queryableColumns);
    }

    private static int of(@Nullable String text) {
      return text == null ? 0 : text.length();
    }
  }

  /// A definition and what the request wants of it.
  ///
  /// @param subset null for the shape itself
  /// @param from the position where the table's log begins, 0 for any
  record Resolved(ShapeDefinition shape, @Nullable SnapshotQuery subset, long from) {}

  /// @param age how old the knowledge of the table may be
  Mono<Resolved> resolve(ShapeParameters parameters, Duration age) {
    Catalog.Name name = name(parameters.table());
    return catalog
        .prepared(name, age)
        .map(found -> resolve(parameters, name, found, catalog.joinedAt(name)));
  }

  /// The definition, of a table that is served already.
  Mono<Resolved> known(ShapeParameters parameters, Duration age) {
    Catalog.Name name = name(parameters.table());
    return catalog.find(name, age).map(found -> resolve(parameters, name, found, 0));
  }

  private Resolved resolve(
      ShapeParameters parameters, Catalog.Name name, Optional<Relation> found, long from) {
    Relation table =
        found.orElseThrow(() ->
            Refusal.invalid(
                "table",
                "Table \"%s\".\"%s\" does not exist. If the table name contains capitals or special characters you must quote it."
                    .formatted(name.schema(), name.table())));
    if (!table.replicaIdentity().equals("f")) {
      throw Refusal.invalid(
          "table",
          "Table \"%s\".\"%s\" is not prepared: it needs REPLICA IDENTITY FULL"
              .formatted(name.schema(), name.table()));
    }
    Words words =
        new Words(
            name,
            parameters.where(),
            parameters.params(),
            parameters.columns(),
            parameters.queryableColumns(),
            parameters.fullReplica(),
            parameters.changesOnly());
    ShapeDefinition shape = read.getIfPresent(words);
    // A table that was altered makes another definition of the same words.
    if (shape == null || !shape.table().equals(table)) {
      shape = definition(parameters, table);
      read.put(words, shape);
    }
    return new Resolved(shape, subset(parameters, shape), from);
  }

  private static ShapeDefinition definition(ShapeParameters parameters, Relation table) {
    Expr where = where(parameters.where(), parameters.params(), table);
    List<Integer> allowed = allowed(parameters, table);
    List<Integer> selected =
        parameters.columns() == null
            ? allowed
            : columns("columns", "columns", parameters.columns(), table);
    if (selected == null) {
      selected = java.util.stream.IntStream.range(0, table.columns().size()).boxed().toList();
    }
    if (allowed != null && !allowed.containsAll(selected)) {
      throw unknown("columns", "columns", names(selected, allowed, table));
    }
    return ShapeDefinition.of(
        table, where, selected, parameters.fullReplica(), parameters.changesOnly());
  }

  /// The columns that a request may use, null for all.
  private static @Nullable List<Integer> allowed(ShapeParameters parameters, Relation table) {
    String queryable = parameters.queryableColumns();
    return queryable == null
        ? null
        : columns("queryable_columns", "queryable columns", queryable, table);
  }

  private static @Nullable SnapshotQuery subset(ShapeParameters parameters, ShapeDefinition shape) {
    SubsetParameters wanted = parameters.subset();
    if (wanted == null) {
      return null;
    }
    List<Integer> allowed = allowed(parameters, shape.table());
    Set<String> usable = null;
    if (allowed != null) {
      usable = new TreeSet<>();
      for (int index : allowed) {
        usable.add(shape.table().columns().get(index).name());
      }
    }
    Expr where = null;
    OrderBy order = null;
    try {
      if (wanted.where() != null) {
        where = Where.compile(wanted.where(), wanted.params(), shape.table(), usable);
      }
    } catch (WhereException e) {
      throw Refusal.invalidSubset("where", String.valueOf(e.getMessage()));
    }
    try {
      if (wanted.orderBy() != null) {
        order = OrderBy.parse(wanted.orderBy(), shape.table(), usable);
      }
    } catch (WhereException e) {
      throw Refusal.invalidSubset("order_by", String.valueOf(e.getMessage()));
    }
    return new SnapshotQuery(where, order, wanted.limit(), wanted.offset(), false);
  }

  private static @Nullable Expr where(
      @Nullable String text, Map<Integer, String> params, Relation table) {
    if (text == null) {
      return null;
    }
    try {
      return Where.compile(text, params, table, null);
    } catch (WhereException e) {
      throw Refusal.invalid("where", String.valueOf(e.getMessage()));
    }
  }

  private static Catalog.Name name(@Nullable String table) {
    if (table == null) {
      throw Refusal.invalid("table", "can't be blank");
    }
    if (table.indexOf('\0') >= 0) {
      throw Refusal.invalid("table", "is invalid");
    }
    List<String> parts;
    try {
      parts = Identifiers.dotted(table);
    } catch (IllegalArgumentException e) {
      throw Refusal.invalid("table", String.valueOf(e.getMessage()));
    }
    return switch (parts.size()) {
      case 1 -> new Catalog.Name("public", parts.getFirst());
      case 2 -> new Catalog.Name(parts.getFirst(), parts.getLast());
      default -> throw Refusal.invalid("table", "is invalid");
    };
  }

  /// The columns' indexes in table order.
  private static List<Integer> columns(String field, String wording, String text, Relation table) {
    Set<Integer> indexes = new TreeSet<>();
    List<String> unknown = new ArrayList<>();
    try {
      for (String name : Identifiers.list(text)) {
        int index = table.indexOf(name);
        if (index < 0) {
          unknown.add(name);
        } else {
          indexes.add(index);
        }
      }
    } catch (IllegalArgumentException e) {
      throw Refusal.invalid(field, String.valueOf(e.getMessage()));
    }
    List<String> missing = new ArrayList<>();
    for (int key : table.keyColumns()) {
      if (!indexes.contains(key)) {
        missing.add(table.columns().get(key).name());
      }
    }
    if (!missing.isEmpty()) {
      throw Refusal.invalid(
          field,
          "The list of %s must include all primary key columns, missing: %s"
              .formatted(wording, String.join(", ", missing)));
    }
    if (!unknown.isEmpty()) {
      throw unknown(field, wording, String.join(", ", unknown));
    }
    return List.copyOf(indexes);
  }

  private static Refusal unknown(String field, String wording, String names) {
    return Refusal.invalid(
        field, "The following %s are not found on the table: %s".formatted(wording, names));
  }

  private static String names(List<Integer> selected, List<Integer> allowed, Relation table) {
    List<String> names =
        selected.stream()
            .filter(index -> !allowed.contains(index))
            .map(index -> table.columns().get(index).name())
            .toList();
    return String.join(", ", names);
  }
}
