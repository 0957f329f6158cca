package dev.penstock.replay;

import java.util.List;
import picocli.CommandLine.Option;

/// Which rows a command is about.
final class RowOptions {
  @Option(
      names = "--table",
      split = ",",
      paramLabel = "<table>",
      description = "messages or schema.table; may be repeated. Default: all")
  private List<String> tables = List.of();

  @Option(
      names = "--where",
      paramLabel = "<[table.]column=value>",
      description =
          "only such rows, by the values of the record; repeated, all must hold. Values are as in the topics")
  private List<String> where = List.of();

  @Option(names = "--dry-run", description = "change nothing, say what would be done")
  private boolean dryRun;

  Filter filter() {
    return Filter.parse(tables, where);
  }

  boolean dryRun() {
    return dryRun;
  }
}
