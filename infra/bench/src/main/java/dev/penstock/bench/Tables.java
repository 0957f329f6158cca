package dev.penstock.bench;

/// Tables of a page in Markdown.
final class Tables {
  private Tables() {}

  static void head(StringBuilder page, String... names) {
    row(page, names);
    page.append("|---".repeat(names.length)).append("|\n");
  }

  static void row(StringBuilder page, String... cells) {
    page.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }
}
