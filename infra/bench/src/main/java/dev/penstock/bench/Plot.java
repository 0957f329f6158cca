package dev.penstock.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A line chart as SVG; what is measured goes up, in powers of ten.
final class Plot {
  private static final int WIDTH = 760;
  private static final int HEIGHT = 420;
  private static final int LEFT = 70;
  private static final int RIGHT = 220;
  private static final int TOP = 40;
  private static final int BOTTOM = 50;
  private static final List<String> COLORS =
      List.of(
          "#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed", "#0891b2", "#4b5563", "#db2777");

  /// A mark on the axis to the right.
  record Tick(double at, String label) {}

  /// A point, `y` above 0.
  record Point(double x, double y) {}

  private record Series(String name, List<Point> points) {}

  private final String title;
  private final String across;
  private final String up;
  private final List<Tick> ticks;
  private final List<Series> all = new ArrayList<>();

  Plot(String title, String across, String up, List<Tick> ticks) {
    this.title = title;
    this.across = across;
    this.up = up;
    this.ticks = ticks;
  }

  void add(String name, List<Point> points) {
    if (!points.isEmpty()) {
      all.add(new Series(name, points));
    }
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  String svg() {
    double most =
        all.stream().flatMap(one -> one.points.stream()).mapToDouble(Point::y).max().orElse(1);
    double least =
        all.stream().flatMap(one -> one.points.stream()).mapToDouble(Point::y).min().orElse(1);
    double low = Math.floor(Math.log10(least));
    double high = Math.max(low + 1, Math.ceil(Math.log10(most)));
    StringBuilder svg = new StringBuilder();
    line(
        svg,
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">",
            WIDTH,
            HEIGHT));
    line(
        svg,
        String.format(
            Locale.ROOT, "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>", WIDTH, HEIGHT));
    line(
        svg,
        String.format(
            Locale.ROOT,
            "<text x=\"%d\" y=\"22\" font-size=\"15\">%s</text>",
            LEFT,
            escaped(title)));
    line(
        svg,
        String.format(
            Locale.ROOT, "<text x=\"%d\" y=\"%d\">%s</text>", LEFT, HEIGHT - 10, escaped(across)));
    line(
        svg,
        String.format(Locale.ROOT, "<text x=\"10\" y=\"%d\">%s</text>", TOP - 16, escaped(up)));
    for (double decade = low; decade <= high; decade++) {
      double y = y(Math.pow(10, decade), low, high);
      line(
          svg,
          String.format(
              Locale.ROOT, "<path d=\"M%d %.1fH%d\" stroke=\"#ddd\"/>", LEFT, y, WIDTH - RIGHT));
      line(
          svg,
          String.format(
              Locale.ROOT,
              "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
              LEFT - 6,
              y + 4,
              Numbers.plain(Math.pow(10, decade))));
    }
    for (Tick tick : ticks) {
      line(
          svg,
          String.format(
              Locale.ROOT,
              "<path d=\"M%.1f %dV%d\" stroke=\"#eee\"/>",
              x(tick.at),
              TOP,
              HEIGHT - BOTTOM));
      line(
          svg,
          String.format(
              Locale.ROOT,
              "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
              x(tick.at),
              HEIGHT - BOTTOM + 16,
              escaped(tick.label)));
    }
    for (int i = 0; i < all.size(); i++) {
      series(svg, all.get(i), COLORS.get(i % COLORS.size()), i, low, high);
    }
    return svg.append("</svg>\n").toString();
  }

  private void series(
      StringBuilder svg, Series one, String color, int place, double low, double high) {
    StringBuilder path = new StringBuilder();
    for (Point point : one.points) {
      path.append(
          String.format(
              Locale.ROOT,
              "%s%.1f %.1f",
              path.isEmpty() ? "M" : "L",
              x(point.x),
              y(point.y, low, high)));
    }
    line(
        svg,
        String.format(
            Locale.ROOT,
            "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>",
            path,
            color));
    int at = TOP + 10 + 18 * place;
    line(
        svg,
        String.format(
            Locale.ROOT,
            "<path d=\"M%d %dh18\" stroke=\"%s\" stroke-width=\"2\"/>",
            WIDTH - RIGHT + 12,
            at,
            color));
    line(
        svg,
        String.format(
            Locale.ROOT,
            "<text x=\"%d\" y=\"%d\">%s</text>",
            WIDTH - RIGHT + 36,
            at + 4,
            escaped(one.name)));
  }

  private double x(double at) {
    double first = ticks.getFirst().at;
    double last = ticks.getLast().at;
    return LEFT + (at - first) / (last - first) * (WIDTH - RIGHT - LEFT);
  }

  private static double y(double value, double low, double high) {
    return HEIGHT - BOTTOM - (Math.log10(value) - low) / (high - low) * (HEIGHT - BOTTOM - TOP);
  }

  private static void line(StringBuilder svg, String element) {
    svg.append(element).append('\n');
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
