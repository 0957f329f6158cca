package dev.penstock.bridge;

import dev.penstock.bridge.PgOutput.Described;
import dev.penstock.bridge.PgOutput.Field;
import dev.penstock.contracts.log.Relation;
import dev.penstock.contracts.log.Relation.Column;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the catalogue said of columns that were renamed or dropped before it was asked: as the log
/// had them last, else as they are under another name by now. Without it rows would lose their key,
/// and go to another partition.
final class LostColumns {
  private LostColumns() {}

  /// @param columns the message's, with what the catalogue says of columns of that name and type
  /// @param missing those of which it says nothing
  /// @param wholeKey whether the present primary key has no further columns
  record Found(List<Column> columns, BitSet missing, boolean wholeKey) {
    /// Whether nothing was changed meanwhile, as far as can be seen.
    boolean suffices(Described table) {
      return missing.isEmpty() && wholeKey && agrees(table, keys(columns));
    }
  }

  /// @param before the log's last relation of the table
  /// @param now all columns that the table has by now, in their order; empty if it was dropped
  static List<Column> restored(
      Described table, Found found, Optional<Relation> before, List<Column> now) {
    List<Column> older = before.map(Relation::columns).orElse(List.of());
    List<@Nullable Column> byName = byName(table, older);
    List<@Nullable Column> byPlace = byPlace(table, older);
    List<@Nullable Column> renamed = byPlace(table, now);
    int[] keys = keys(table, found, older, byName, byPlace, now, renamed);
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < keys.length; i++) {
      Column known = found.columns().get(i);
      Column facts =
          found.missing().get(i) ? first(byName.get(i), byPlace.get(i), renamed.get(i)) : null;
      columns.add(
          new Column(
              known.name(),
              known.typeOid(),
              known.typeModifier(),
              facts == null ? known.type() : facts.type(),
              facts == null ? known.typeKind() : facts.typeKind(),
              facts == null ? known.dimensions() : facts.dimensions(),
              facts == null ? known.notNull() : facts.notNull(),
              keys[i]));
    }
    return columns;
  }

  /// A key is taken as a whole from one place.
  private static int[] keys(
      Described table,
      Found found,
      List<Column> older,
      List<@Nullable Column> byName,
      List<@Nullable Column> byPlace,
      List<Column> now,
      List<@Nullable Column> renamed) {
    int[] present = keys(found.columns());
    int[] earlier = keys(byName);
    boolean lost = found.missing().stream().anyMatch(i -> earlier[i] >= 0);
    if ((lost || !found.wholeKey()) && whole(table, earlier, older)) {
      return earlier;
    }
    if (found.wholeKey() && size(present) > 0 && agrees(table, present)) {
      return present;
    }
    if (whole(table, keys(byPlace), older)) {
      return keys(byPlace);
    }
    if (whole(table, keys(renamed), now)) {
      return keys(renamed);
    }
    return flagged(table) ? flags(table) : present;
  }

  private static boolean whole(Described table, int[] keys, List<Column> all) {
    return size(keys) > 0 && size(keys) == size(keys(all)) && agrees(table, keys);
  }

  /// With the default replica identity the message itself says which columns are the key, as of its
  /// transaction, but not their order in it.
  private static boolean agrees(Described table, int[] keys) {
    for (int i = 0; flagged(table) && i < keys.length; i++) {
      if (table.fields().get(i).key() != keys[i] >= 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean flagged(Described table) {
    return table.replicaIdentity().equals("d") && table.fields().stream().anyMatch(Field::key);
  }

  private static int[] flags(Described table) {
    int[] keys = new int[table.fields().size()];
    int next = 0;
    for (int i = 0; i < keys.length; i++) {
      keys[i] = table.fields().get(i).key() ? next++ : -1;
    }
    return keys;
  }

  private static int[] keys(List<? extends @Nullable Column> columns) {
    return columns.stream().mapToInt(column -> column == null ? -1 : column.keyIndex()).toArray();
  }

  private static int size(int[] keys) {
    return (int) java.util.Arrays.stream(keys).filter(key -> key >= 0).count();
  }

  private static List<@Nullable Column> byName(Described table, List<Column> columns) {
    List<@Nullable Column> matching = new ArrayList<>();
    for (Field field : table.fields()) {
      matching.add(
          columns.stream()
              .filter(column -> column.name().equals(field.name()) && sameType(field, column))
              .findFirst()
              .orElse(null));
    }
    return matching;
  }

  /// Only where all types are the same: then a column has another name at most.
  private static List<@Nullable Column> byPlace(Described table, List<Column> columns) {
    boolean fits = columns.size() == table.fields().size();
    for (int i = 0; fits && i < columns.size(); i++) {
      fits = sameType(table.fields().get(i), columns.get(i));
    }
    List<@Nullable Column> matching = new ArrayList<>();
    for (int i = 0; i < table.fields().size(); i++) {
      matching.add(fits ? columns.get(i) : null);
    }
    return matching;
  }

  private static boolean sameType(Field field, Column column) {
    return field.typeOid() == column.typeOid();
  }

  private static @Nullable Column first(
      @Nullable Column one, @Nullable Column two, @Nullable Column three) {
    return one != null ? one : two != null ? two : three;
  }
}
