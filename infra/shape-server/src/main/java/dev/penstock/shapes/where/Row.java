package dev.penstock.shapes.where;

import org.jspecify.annotations.Nullable;

/// A row's values in Postgres' text form.
@FunctionalInterface
public interface Row {
  /// The value of the column with this index in the table, null for NULL.
  @Nullable String text(int column);
}
