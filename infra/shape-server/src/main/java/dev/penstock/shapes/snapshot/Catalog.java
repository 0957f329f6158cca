package dev.penstock.shapes.snapshot;

import dev.penstock.contracts.log.Relation;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/// The published tables, remembered. What is remembered may be old: a snapshot looks again in its
/// own transaction, and a handle that does not fit makes the caller look again.
public final class Catalog {
  private static final int MAX_TABLES = 10_000;

  private final DataSource dataSource;
  private final String publication;
  private final Scheduler scheduler;
  private final @Nullable Discovery discovery;
  private final Map<Name, Known> known = new ConcurrentHashMap<>();

  /// A table's name, unquoted.
  public record Name(String schema, String table) {}

  private record Known(Optional<Relation> relation, long readNanos) {}

  /// @param discovery null where only declared tables are served
  public Catalog(
      DataSource dataSource,
      String publication,
      Scheduler scheduler,
      @Nullable Discovery discovery) {
    this.dataSource = dataSource;
    this.publication = publication;
    this.scheduler = scheduler;
    this.discovery = discovery;
  }

  /// The same as [#find], of a table that is prepared where tables may be discovered.
  public Mono<Optional<Relation>> prepared(Name name, Duration age) {
    Discovery joining = discovery;
    Mono<Optional<Relation>> found = find(name, age);
    if (joining == null) {
      return found;
    }
    return found.flatMap(relation -> {
      if (relation.isPresent() && relation.get().replicaIdentity().equals("f")) {
        return Mono.just(relation);
      }
      return joining
          .join(name)
          .flatMap(exists -> exists ? look(name) : Mono.just(Optional.<Relation>empty()));
    });
  }

  /// The position that an instance must have reached before it answers for the table: its log
  /// begins there. 0 for any.
  public long joinedAt(Name name) {
    return discovery == null ? 0 : discovery.joinedAt(name);
  }

  /// The table, as it was at most `age` ago; empty if there is none.
  public Mono<Optional<Relation>> find(Name name, Duration age) {
    Known entry = known.get(name);
    Duration allowed = entry != null && entry.relation().isEmpty() ? Duration.ofSeconds(1) : age;
    if (entry != null && System.nanoTime() - entry.readNanos() <= allowed.toNanos()) {
      return Mono.just(entry.relation());
    }
    return look(name);
  }

  private Mono<Optional<Relation>> look(Name name) {
    return Mono.fromCallable(
            () -> {
              try (Connection connection = dataSource.getConnection()) {
                Optional<Relation> found = read(connection, name);
                connection.rollback();
                return found;
              } catch (SQLException e) {
                throw SnapshotException.of(e);
              }
            })
        .subscribeOn(scheduler);
  }

  /// Reads the table within the connection's transaction, and remembers it.
  Optional<Relation> read(Connection connection, Name name) throws SQLException {
    Optional<Relation> found =
        CatalogQuery.read(connection, publication, name.schema(), name.table());
    if (known.size() >= MAX_TABLES) {
      known.clear();
    }
    Known before = known.get(name);
    // The same one as long as it is equal: every definition and every request has it.
    Optional<Relation> kept =
        before != null && before.relation().equals(found) ? before.relation() : found;
    known.put(name, new Known(kept, System.nanoTime()));
    return kept;
  }
}
