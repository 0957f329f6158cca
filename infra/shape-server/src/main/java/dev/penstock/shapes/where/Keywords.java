package dev.penstock.shapes.where;

import java.util.Set;

/// Words that Postgres does not take for a column's name unless they are quoted (`kwlist.h`:
/// reserved ones, and those for functions and types). To take `user` for a column where Postgres
/// has a function would be to read another clause.
final class Keywords {
  private static final Set<String> RESERVED =
      Set.of(
          """
          all analyse analyze and any array as asc asymmetric both case cast check collate column
          constraint create current_catalog current_date current_role current_time
          current_timestamp current_user default deferrable desc distinct do else end except false
          fetch for foreign from grant group having in initially intersect into lateral leading
          limit localtime localtimestamp not null offset on only or order placing primary
          references returning select session_user some symmetric system_user table then to
          trailing true union unique user using variadic when where window with
          authorization binary collation concurrently cross current_schema freeze full ilike inner
          is isnull join left like natural notnull outer overlaps right similar tablesample verbose
          """
              .strip()
              .split("\\s+"));

  private Keywords() {}

  static boolean isReserved(String word) {
    return RESERVED.contains(word);
  }
}
