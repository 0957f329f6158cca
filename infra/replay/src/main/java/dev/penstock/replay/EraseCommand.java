package dev.penstock.replay;

import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "erase",
    customSynopsis = "erase --where <[table.]column=value> [options]",
    sortOptions = false,
    usageHelpWidth = 100,
    description = {
      "Erases rows that the database no longer has from the history in Kafka.",
      "The values of their records go; keys, offsets, and everybody else's records stay as they are.",
      "Stop the bridge and the consumers first: what is written meanwhile waits in the database."
    },
    footer = {
      "",
      "  erase --table messages --where conversation_id=…",
      "",
      "Started again it goes on where it stopped; do not start the bridge in between.",
      "The log, the questions and the dead letters are erased by time: see the README."
    })
final class EraseCommand implements Callable<Integer> {
  private final ReplayProgress progress;

  @Mixin private RowOptions rows = new RowOptions();

  @Option(
      names = "--database",
      defaultValue = "${env:PENSTOCK_DATABASE_URL:-jdbc:postgresql://localhost:15432/penstock}",
      paramLabel = "<jdbc url>",
      description =
          "whose bridge must stand still meanwhile (PENSTOCK_DATABASE_URL). Default: ${DEFAULT-VALUE}")
  private String url = "";

  @Option(
      names = "--slot",
      defaultValue = "${env:PENSTOCK_BRIDGE_SLOT:-penstock}",
      description =
          "that bridge's replication slot (PENSTOCK_BRIDGE_SLOT). Default: ${DEFAULT-VALUE}")
  private String slot = "";

  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Mixin private DatabaseOptions database = new DatabaseOptions();

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "show this, and end")
  @SuppressWarnings("unused") // Picocli reads it.
  private boolean help;

  EraseCommand(PrintStream err, boolean terminal) {
    this.progress = new ReplayProgress(err, terminal);
  }

  @Override
  public Integer call() throws Exception {
    Filter filter = rows.filter();
    if (filter.conditions().isEmpty()) {
      throw new OptionException("--where: say which rows, such as --where messages.id=….");
    }
    Into.requirePostgres("--database", url);
    try (NoBridge lead = new NoBridge(database.connect(url), slot);
        Archive archive = new Archive(cluster.kafka(), cluster.topics(), false)) {
      new Erasure(archive, cluster.kafka(), filter, progress, lead).run(rows.dryRun());
    }
    return 0;
  }
}
