package dev.penstock.gateway.shape;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// A shape as the upstream knows it. Equal definitions are one shape there, whoever asks. Nobody
/// can change one: requests share it.
///
/// @param columns what is synced; also all that a subset may filter and order by
/// @param where with `$1`, `$2`… for the values
/// @param params values of `where` by number, from 1, without a gap
/// @param replica `default` or `full`
record ShapeDefinition(
    String table,
    List<String> columns,
    List<String> queryableColumns,
    String where,
    SortedMap<Integer, String> params,
    String replica) {
  ShapeDefinition {
    columns = List.copyOf(columns);
    queryableColumns = List.copyOf(queryableColumns);
    params = Collections.unmodifiableSortedMap(new TreeMap<>(params));
  }

  /// The names as the protocol lists them: quoted, with commas.
  static String list(List<String> columns) {
    return columns.stream()
        .map(name -> '"' + name.replace("\"", "\"\"") + '"')
        .collect(Collectors.joining(","));
  }
}
