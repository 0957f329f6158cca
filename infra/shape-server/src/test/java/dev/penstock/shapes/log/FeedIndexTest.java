package dev.penstock.shapes.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.Relation;
import dev.penstock.contracts.log.Tuple;
import dev.penstock.shapes.shape.ShapeDefinition;
import dev.penstock.shapes.where.Where;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A change is shown to the shapes that it may concern, each once, and to few others. What counts
/// is how many look at it, not how long they take.
class FeedIndexTest {
  private static final long SEED = Long.getLong("penstock.seed", System.nanoTime());
  private static final Relation TABLE = table(1, "f", -1);

  private final FeedIndex index = new FeedIndex();
  private final List<Feed> feeds = new ArrayList<>();

  private static Relation table(long id, String identity, int modifier) {
    return new Relation(
        id,
        1,
        "public",
        "t",
        identity,
        List.of(
            new Relation.Column("id", 23, -1, "int4", "b", 0, true, 0),
            new Relation.Column("n", 1700, modifier, "numeric", "b", 0, false, -1),
            new Relation.Column("s", 25, -1, "text", "b", 0, false, -1),
            new Relation.Column("c", 1042, -1, "bpchar", "b", 0, false, -1)));
  }

  private Feed feed(@Nullable String where) {
    return feed(where, TABLE);
  }

  private Feed feed(@Nullable String where, Relation table) {
    ShapeDefinition shape =
        ShapeDefinition.of(
            table,
            where == null ? null : Where.compile(where, Map.of(), table, null),
            List.of(0, 1, 2, 3),
            false,
            false);
    Feed feed = new Feed(shape, 0);
    index.add(feed);
    feeds.add(feed);
    return feed;
  }

  private static LogEntry.Insert insert(@Nullable String... row) {
    return new LogEntry.Insert(TABLE, Tuple.of(row));
  }

  @Test
  void oneOfTenThousandShapesLooksAtAChange() {
    for (int i = 0; i < 10_000; i++) {
      feed("id = " + i);
    }
    assertThat(index.concerned(insert("77", null, null, null))).containsExactly(feeds.get(77));
    assertThat(index.concerned(insert("10000", null, null, null))).isEmpty();
  }

  @Test
  void aChangeThatMovesARowIsSeenByBothShapesOnce() {
    Feed left = feed("s = 'a'");
    Feed entered = feed("s = 'b'");
    Feed both = feed("s IN ('a', 'b', NULL)");
    feed("s = 'c'");
    LogEntry.Update moved =
        new LogEntry.Update(TABLE, Tuple.of("1", null, "a", null), Tuple.of("1", null, "b", null));
    assertThat(index.concerned(moved)).containsExactlyInAnyOrder(left, entered, both);
  }

  @Test
  void textsOfOneValueAreOne() {
    Feed number = feed("n = 1");
    Feed padded = feed("c = 'ab'");
    assertThat(index.concerned(insert("1", "1.000", null, null))).containsExactly(number);
    assertThat(index.concerned(insert("1", "10", null, null))).isEmpty();
    assertThat(index.concerned(insert("1", null, null, "ab  "))).containsExactly(padded);
  }

  @Test
  void nullEqualsNothing() {
    feed("s = NULL");
    feed("s = 'a'");
    assertThat(index.concerned(insert("1", null, null, null))).isEmpty();
  }

  @Test
  void clausesWithoutAnEqualityLookAtEveryChange() {
    List<Feed> scanned = new ArrayList<>();
    for (String where :
        new String[] {null, "s <> 'a'", "s LIKE 'a%'", "id = 1 OR s = 'x'", "NOT (id = 1)"}) {
      scanned.add(feed(where));
    }
    feed("id = 1 AND s LIKE 'a%'");
    assertThat(index.concerned(insert("2", null, null, null)))
        .containsExactlyInAnyOrderElementsOf(scanned);
  }

  @Test
  void theMoreTellingEqualityIsChosen() {
    for (int i = 0; i < 100; i++) {
      feed("s = 'open' AND id = " + i);
    }
    // The first had no way to know.
    assertThat(index.concerned(insert("5", null, "open", null)).size()).isLessThanOrEqualTo(2);
  }

  @Test
  void aChangeThatDoesNotSayEnoughIsSeenByAll() {
    feed("s = 'a'");
    feed("id = 5");
    Tuple row = Tuple.of("1", null, "b", null);
    Relation other = table(2, "f", 99);
    Relation keyed = table(3, "d", -1);
    for (LogEntry.RowChange change :
        List.of(
            new LogEntry.Insert(other, row),
            new LogEntry.Delete(keyed, row),
            new LogEntry.Update(keyed, row, row),
            new LogEntry.Update(TABLE, null, row),
            new LogEntry.Oversize(TABLE, "update", row, 1),
            insert("x", null, "b", null))) {
      assertThat(index.concerned(change)).as("%s", change).hasSize(2);
    }
  }

  @Test
  void definitionsOfOneTableAreKeptApart() {
    Relation altered = table(2, "f", 99);
    Feed old = feed("s = 'a'");
    Feed now = feed("s = 'a'", altered);
    feed("s = 'b'", altered);
    LogEntry.Insert change = new LogEntry.Insert(altered, Tuple.of("1", null, "a", null));
    assertThat(index.concerned(change)).containsExactlyInAnyOrder(old, now);
  }

  @Test
  void whatIsRemovedIsGone() {
    for (String where : new @Nullable String[] {"s = 'a'", "s IN ('a', 'b')", "s <> 'b'", null}) {
      feed(where);
    }
    feeds.forEach(index::remove);
    assertThat(index.concerned(insert("1", null, "a", null))).isEmpty();
  }

  @Test
  void everyShapeThatAChangeConcernsLooksAtIt() {
    System.out.println("seed " + SEED);
    Random random = new Random(SEED);
    for (int i = 0; i < 300; i++) {
      feed(clause(random, 2));
    }
    for (int i = 0; i < 3_000; i++) {
      Tuple old = row(random);
      Tuple row = row(random);
      LogEntry.RowChange change =
          switch (random.nextInt(3)) {
            case 0 -> new LogEntry.Insert(TABLE, row);
            case 1 -> new LogEntry.Delete(TABLE, old);
            default -> new LogEntry.Update(TABLE, old, row);
          };
      Collection<Feed> found = index.concerned(change);
      Set<Feed> concerned = new HashSet<>(found);
      assertThat(found).as("seed %d", SEED).hasSameSizeAs(concerned);
      for (Feed feed : feeds) {
        feed.writer().begin(1, 1);
        assertThat(feed.writer().add(change, 0)).isTrue();
        if (feed.writer().count() > 0) {
          assertThat(concerned).as("seed %d", SEED).contains(feed);
        }
      }
    }
  }

  private static String clause(Random random, int depth) {
    String column = pick(random, "id", "n", "s", "c");
    return switch (random.nextInt(depth == 0 ? 4 : 7)) {
      case 0, 1 -> column + " = " + value(random, column);
      case 2 -> column + " IN (" + value(random, column) + ", " + value(random, column) + ")";
      case 3 -> column + pick(random, " IS NULL", " <> ", " > ").replaceFirst("(<>|>) $", "$1 '1'");
      case 4 -> "(" + clause(random, depth - 1) + " OR " + clause(random, depth - 1) + ")";
      case 5 -> "(" + clause(random, depth - 1) + " AND " + clause(random, depth - 1) + ")";
      default -> "NOT (" + clause(random, depth - 1) + ")";
    };
  }

  private static String value(Random random, String column) {
    return switch (column) {
      case "id" -> "" + random.nextInt(4);
      case "n" -> pick(random, "1", "1.0", "'NaN'", "NULL", "0.10", "100", "1e2");
      case "s" -> pick(random, "'1'", "'2'", "''", "NULL");
      default -> pick(random, "'1'", "'1 '", "''");
    };
  }

  private static Tuple row(Random random) {
    return Tuple.of(
        "" + random.nextInt(4),
        orNull(random, "1", "1.00", "NaN", "0.1", "100"),
        orNull(random, "1", "2", ""),
        orNull(random, "1", "1   ", "    "));
  }

  private static String pick(Random random, String... values) {
    return values[random.nextInt(values.length)];
  }

  private static @Nullable String orNull(Random random, String... values) {
    int chosen = random.nextInt(values.length + 1);
    return chosen == values.length ? null : values[chosen];
  }
}
