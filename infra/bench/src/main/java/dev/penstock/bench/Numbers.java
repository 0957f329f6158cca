package dev.penstock.bench;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/// Figures, and how they are written.
final class Numbers {
  private Numbers() {}

  static OptionalDouble median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int size = sorted.size();
    return size == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of((sorted.get((size - 1) / 2) + sorted.get(size / 2)) / 2);
  }

  /// Three digits that count.
  static String of(double value) {
    double size = Math.abs(value);
    String format = size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : size >= 0.1 ? "%.2f" : "%.3f";
    return String.format(Locale.ROOT, format, value);
  }

  /// Only the digits that it has, as on an axis.
  static String plain(double value) {
    return String.format(Locale.ROOT, "%,.3f", value).replaceFirst("\\.?0+$", "");
  }

  static String with(double value, String unit) {
    return of(value) + (unit.isEmpty() ? "" : " " + unit);
  }

  /// The median, and where there were several rounds the least and the most.
  static String spread(List<Double> values, String unit) {
    OptionalDouble median = median(values);
    if (median.isEmpty()) {
      return "–";
    }
    String text = with(median.getAsDouble(), unit);
    return values.size() < 2
        ? text
        : "%s (%s – %s)"
            .formatted(
                text,
                of(values.stream().mapToDouble(Double::doubleValue).min().orElseThrow()),
                of(values.stream().mapToDouble(Double::doubleValue).max().orElseThrow()));
  }
}
