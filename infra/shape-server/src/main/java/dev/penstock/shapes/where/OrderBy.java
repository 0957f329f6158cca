package dev.penstock.shapes.where;

import dev.penstock.contracts.log.Relation;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `ORDER BY` of a subset: plain columns with their directions.
public record OrderBy(List<Key> keys) {
  /// @param direction SQL that follows the column
  record Key(String column, String direction) {}

  public OrderBy {
    keys = List.copyOf(keys);
  }

  /// Reads the text behind ORDER BY.
  ///
  /// @throws WhereException if it is anything but columns with directions
  public static OrderBy parse(String text, Relation table, @Nullable Set<String> usable) {
    Identifiers reader = new Identifiers(text);
    List<Key> keys = new ArrayList<>();
    try {
      do {
        String column = reader.next();
        if (table.indexOf(column) < 0 || (usable != null && !usable.contains(column))) {
          throw new WhereException("unknown reference " + column);
        }
        keys.add(new Key(column, direction(reader)));
      } while (reader.accept(','));
    } catch (IllegalArgumentException e) {
      throw new WhereException("ORDER BY: " + e.getMessage());
    }
    if (!reader.atEnd()) {
      throw new WhereException("only columns with a direction are allowed in ORDER BY");
    }
    return new OrderBy(keys);
  }

  private static String direction(Identifiers reader) {
    String direction = "";
    if (reader.acceptWord("desc")) {
      direction = " desc";
    } else if (reader.acceptWord("asc")) {
      direction = " asc";
    }
    if (reader.acceptWord("nulls")) {
      if (reader.acceptWord("first")) {
        return direction + " nulls first";
      }
      if (reader.acceptWord("last")) {
        return direction + " nulls last";
      }
      throw new WhereException("NULLS must be FIRST or LAST in ORDER BY");
    }
    return direction;
  }

  public void sql(Sql sql) {
    String separator = " order by ";
    for (Key key : keys) {
      sql.append(separator).identifier(key.column()).append(key.direction());
      separator = ", ";
    }
  }
}
