package dev.penstock.replay;

import dev.penstock.contracts.Topics;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "replay",
    customSynopsis = "replay [--from <bound>] [--to <bound>] --into <target> [options]",
    sortOptions = false,
    usageHelpWidth = 100,
    description = {
      "Replays the history in Kafka into another place: every change between two positions, once, in commit order.",
      "Started again with the same options it goes on where it stopped."
    },
    footer = {
      "",
      "Rebuild the tables in an empty database, and prove it:",
      "  replay --into jdbc:postgresql://localhost/copy --verify jdbc:postgresql://localhost/penstock",
      "A conversation as it was after a transaction:",
      "  replay --to txid:812 --table messages --where conversation_id=… --as rows --into -",
      "Every change since yesterday into a topic, and on with the live tail:",
      "  replay --from time:2026-01-31 --into copies --follow",
      "",
      "Exit code: 0 done, 1 failed, 2 bad argument, 3 not equal to --verify or not complete."
    })
final class ReplayCommand implements Callable<Integer> {
  enum Form {
    changes,
    rows
  }

  private static final int INCOMPLETE = 3;
  private static final long STOP_SECONDS = 5;

  private final PrintStream out;
  private final ReplayProgress progress;

  @Option(
      names = "--from",
      defaultValue = "beginning",
      paramLabel = "<bound>",
      description =
          "beginning, time:<ISO 8601>, txid:<n>, lsn:<commit LSN> or offset:<in the log, of the transaction's last record>; inclusive. Default: ${DEFAULT-VALUE}")
  private String from = "beginning";

  @Option(
      names = "--to",
      defaultValue = "end",
      paramLabel = "<bound>",
      description =
          "end, or as --from; inclusive. Default: ${DEFAULT-VALUE}, as it is when it starts")
  private String to = "end";

  @Option(
      names = "--into",
      paramLabel = "<target>",
      description =
          "a jdbc:postgresql: url, a file (its name ends in .json or .jsonl or has a /), - for standard output, or a topic")
  private @Nullable String into;

  @Option(
      names = "--as",
      defaultValue = "changes",
      description =
          "into a file: changes, or rows as they were at the end. Default: ${DEFAULT-VALUE}")
  private Form form = Form.changes;

  @Mixin private RowOptions rows = new RowOptions();

  @Option(
      names = "--questions",
      description = "the QuestionAsked events in place of the tables; nobody answers them again")
  private boolean questions;

  @Option(names = "--follow", description = "go on with what is written from now on, until stopped")
  private boolean follow;

  @Option(
      names = "--verify",
      paramLabel = "<jdbc url>",
      description = "compare the tables' checksums with this database's, which must be at rest")
  private @Nullable String verify;

  @Option(
      names = "--merge",
      description = "write into tables that have rows from elsewhere, such as a restored backup's")
  private boolean merge;

  @Option(
      names = "--job",
      paramLabel = "<name>",
      description = "the name of the position that is stored with the target. Default: replay")
  private String job = "replay";

  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Mixin private DatabaseOptions database = new DatabaseOptions();

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "show this, and end")
  @SuppressWarnings("unused") // Picocli reads it.
  private boolean help;

  ReplayCommand(PrintStream out, PrintStream err, boolean terminal) {
    this.out = out;
    this.progress = new ReplayProgress(err, terminal);
  }

  @Override
  public Integer call() throws Exception {
    Topics topics = cluster.topics();
    Replay.Plan plan =
        new Replay.Plan(
            Bound.parse("--from", from, "beginning"),
            Bound.parse("--to", to, "end"),
            rows.filter(),
            questions,
            follow);
    Optional<Into> target = Optional.ofNullable(into).map(it -> Into.parse(it, topics, questions));
    requireSense(plan, target);
    CountDownLatch stop = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    Thread hook = new Thread(() -> stop(stop, stopped), "stop-replay");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return replay(plan, topics, target, stop);
    } finally {
      stopped.countDown();
    }
  }

  private static void stop(CountDownLatch stop, CountDownLatch stopped) {
    stop.countDown();
    try {
      var _ = stopped.await(STOP_SECONDS, java.util.concurrent.TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void requireSense(Replay.Plan plan, Optional<Into> target) {
    boolean database = target.filter(Into.Database.class::isInstance).isPresent();
    boolean topic = target.filter(Into.Topic.class::isInstance).isPresent();
    refuse(target.isEmpty() && !rows.dryRun(), "--into: say where to, or --dry-run.");
    refuse(merge && !database, "--merge is about tables: it needs --into with a jdbc url.");
    if (form == Form.rows) {
      refuse(database || topic, "--as rows goes into a file or to standard output (--into -).");
      refuse(questions, "--as rows: questions are events, not rows.");
      refuse(follow, "--as rows shows an end, and --follow has none.");
    }
    if (questions) {
      refuse(database, "--questions: events have no table. Take a topic or a file.");
      refuse(
          !plan.filter().equals(Filter.everything()),
          "--questions has no tables: it does not go with --table and --where.");
    }
    if (verify != null) {
      Into.requirePostgres("--verify", verify);
      refuse(!database, "--verify compares databases: it needs --into with a jdbc url.");
      refuse(
          !plan.filter().conditions().isEmpty(),
          "--verify compares whole tables, so it does not go with --where.");
      refuse(follow, "--verify compares at an end, and --follow has none.");
    }
  }

  private static void refuse(boolean nonsense, String sentence) {
    if (nonsense) {
      throw new OptionException(sentence);
    }
  }

  private int replay(Replay.Plan plan, Topics topics, Optional<Into> into, CountDownLatch stop)
      throws SQLException, InterruptedException {
    Map<String, Object> kafka = cluster.kafka();
    boolean dryRun = rows.dryRun();
    try (Archive archive = new Archive(kafka, topics, questions)) {
      // Before the target is touched.
      archive.requireTables(plan.filter());
      BoundPlaces.Places places = new BoundPlaces(archive, progress).find(plan.from(), plan.to());
      try (Target target =
          dryRun || into.isEmpty() ? new NoTarget() : target(into.get(), archive)) {
        Replay replay =
            new Replay(archive, plan, places, target, progress, Replay.MANY_RECORDS, stop);
        return run(replay, target, into, stop);
      }
    }
  }

  private int run(Replay replay, Target target, Optional<Into> into, CountDownLatch stop)
      throws SQLException, InterruptedException {
    boolean dryRun = rows.dryRun();
    long taken = replay.run();
    replay.taken().forEach((table, changes) -> progress.say("  " + table + ": " + changes));
    progress.say(taken + (dryRun ? " changes would be taken." : " changes were taken."));
    if (stop.getCount() == 0) {
      progress.say("Stopped. The same command goes on from here.");
      return 0;
    }
    if (!dryRun && !follow && form == Form.changes) {
      progress.say("A consumer goes on without gap or repeat at:");
      replay.positions().forEach(line -> progress.say("  " + line));
    }
    int result = 0;
    if (target.incomplete() > 0) {
      progress.say(
          target.incomplete()
              + " changes were larger than the archive keeps, and are missing or incomplete.");
      result = INCOMPLETE;
    }
    return verify != null && !dryRun && into.orElseThrow() instanceof Into.Database(String copy)
        ? Math.max(result, verify(verify, copy))
        : result;
  }

  private Target target(Into into, Archive archive) throws SQLException {
    Map<String, Object> kafka = cluster.kafka();
    Topics topics = archive.topics();
    return switch (into) {
      case Into.Database(String url) ->
          new JdbcTarget(database.connect(url), job, merge, new MissingTables(kafka, topics.log()));
      case Into.Output _ -> form == Form.rows ? new RowsTarget(null, out) : new StreamTarget(out);
      case Into.File(Path path) ->
          form == Form.rows ? new RowsTarget(path, out) : new FileTarget(path);
      case Into.Topic(String name) ->
          new TopicTarget(
              kafka, archive.admin(), name, topics.prefix() + ".replay." + name + "." + job);
    };
  }

  private int verify(String url, String into) throws SQLException {
    boolean equal;
    try (Connection source = database.connect(url);
        Connection copy = database.connect(into)) {
      equal =
          new Verification(
                  source, copy, new Filter(rows.filter().tables(), List.of()), progress::say)
              .run();
    }
    progress.say(
        equal
            ? "The tables are equal."
            : "The tables are NOT equal. If the source was written to meanwhile, start again: this goes on with the rest.");
    return equal ? 0 : INCOMPLETE;
  }
}
