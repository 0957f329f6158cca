package dev.penstock.bench;

import java.util.List;
import java.util.Locale;

/// A chart of steps that follow each other, each where it begins, as SVG.
final class Bars {
  private static final int WIDTH = 900;
  private static final int LEFT = 400;
  private static final int RIGHT = 80;
  private static final int TOP = 50;
  private static final int LINE = 30;
  private static final String COLOR = "#2563eb";

  private Bars() {}

  /// @param steps with a mean in milliseconds each
  static String svg(String title, List<Breakdown.Step> steps) {
    double total = steps.stream().mapToDouble(step -> Math.max(0, step.mean())).sum();
    int bottom = TOP + LINE * steps.size();
    StringBuilder svg = new StringBuilder();
    add(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">",
        WIDTH,
        bottom + 40);
    add(svg, "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>", WIDTH, bottom + 40);
    add(svg, "<text x=\"10\" y=\"24\" font-size=\"15\">%s</text>", Plot.escaped(title));
    double step = tick(total);
    for (int i = 0; i * step <= total; i++) {
      double x = x(i * step, total);
      add(svg, "<path d=\"M%.1f %dV%d\" stroke=\"#ddd\"/>", x, TOP - 8, bottom);
      add(
          svg,
          "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
          x,
          bottom + 18,
          label(i * step, step));
    }
    double at = 0;
    for (int i = 0; i < steps.size(); i++) {
      double length = Math.max(0, steps.get(i).mean());
      int y = TOP + LINE * i;
      add(svg, "<text x=\"10\" y=\"%d\">%s</text>", y + 15, Plot.escaped(steps.get(i).name()));
      add(
          svg,
          "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>",
          x(at, total),
          y,
          Math.max(1, x(length, total) - LEFT),
          LINE - 10,
          COLOR);
      at += length;
      add(
          svg,
          "<text x=\"%.1f\" y=\"%d\">%s</text>",
          x(at, total) + 6,
          y + 15,
          Numbers.with(steps.get(i).mean(), "ms"));
    }
    return svg.append("</svg>\n").toString();
  }

  /// Five to ten of them.
  private static double tick(double total) {
    double decade = Math.pow(10, Math.floor(Math.log10(total)));
    double parts = total / decade;
    return decade * (parts < 2 ? 0.2 : parts < 5 ? 0.5 : 1);
  }

  private static String label(double value, double step) {
    return String.format(Locale.ROOT, step < 1 ? "%.1f ms" : "%.0f ms", value);
  }

  private static double x(double at, double total) {
    return LEFT + at / total * (WIDTH - LEFT - RIGHT);
  }

  @SuppressWarnings("AnnotateFormatMethod") // No library for it.
  private static void add(StringBuilder svg, String element, Object... values) {
    svg.append(String.format(Locale.ROOT, element, values)).append('\n');
  }
}
