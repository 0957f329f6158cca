package dev.penstock.replay;

import dev.penstock.contracts.Topics;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "replay",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = {
      "Replays the history in Kafka into another place: every change between two positions, once, in commit order.",
      "Started again with the same options it goes on where it stopped."
    },
    footer = {
      "",
      "Rebuild the tables in an empty database, and prove it:",
      "  replay --from beginning --into jdbc:postgresql://localhost/copy --verify jdbc:postgresql://localhost/penstock",
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

  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Mixin private DatabaseOptions database = new DatabaseOptions();

  @Option(
      names = "--from",
      defaultValue = "beginning",
      paramLabel = "<bound>",
      description =
          "beginning, time:<ISO 8601>, txid:<n>, lsn:<commit LSN> or offset:<of the log>; inclusive. Default: ${DEFAULT-VALUE}")
  private String from = "beginning";

  @Option(
      names = "--to",
      defaultValue = "end",
      paramLabel = "<bound>",
      description = "end, or as --from; inclusive. Default: ${DEFAULT-VALUE}, when it starts")
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

  @Option(
      names = "--questions",
      description = "the QuestionAsked events in place of the tables; nobody answers them again")
  private boolean questions;

  @Option(names = "--follow", description = "go on with what is written from now on, until stopped")
  private boolean follow;

  @Option(names = "--dry-run", description = "write nothing, say what would be taken")
  private boolean dryRun;

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

  ReplayCommand(PrintStream out, PrintStream err, boolean terminal) {
    this.out = out;
    this.progress = new ReplayProgress(err, terminal);
  }

  @Override
  public Integer call() throws Exception {
    Replay.Plan plan =
        new Replay.Plan(
            Bound.parse("--from", from, "beginning"),
            Bound.parse("--to", to, "end"),
            new Filter(tables, where.stream().map(Filter.Condition::parse).toList()),
            questions,
            follow);
    requireSense();
    CountDownLatch stop = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    Thread hook = new Thread(() -> stop(stop, stopped), "stop-replay");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return replay(plan, stop);
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

  private void requireSense() {
    if (into == null && !dryRun) {
      throw new ReplayException("Say with --into where to, or --dry-run.");
    }
    if (verify != null && (into == null || !into.startsWith("jdbc:"))) {
      throw new ReplayException("--verify compares databases: it needs --into with a jdbc url.");
    }
    if (verify != null && !where.isEmpty()) {
      throw new ReplayException("--verify compares whole tables, so it does not go with --where.");
    }
    if (follow && form == Form.rows) {
      throw new ReplayException("--as rows shows an end, and --follow has none.");
    }
  }

  private int replay(Replay.Plan plan, CountDownLatch stop)
      throws SQLException, InterruptedException {
    Topics topics = cluster.topics();
    Map<String, Object> kafka = cluster.kafka();
    try (Archive archive = new Archive(kafka, topics, questions);
        Target target = target(archive, kafka)) {
      Replay replay = new Replay(archive, plan, target, progress, Replay.MANY_RECORDS, stop);
      long taken = replay.run();
      replay.taken().forEach((table, changes) -> progress.say("  " + table + ": " + changes));
      progress.say(taken + (dryRun ? " changes would be taken." : " changes were taken."));
      if (stop.getCount() == 0) {
        progress.say("Stopped. The same command goes on from here.");
        return 0;
      }
      if (!dryRun && !follow) {
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
      return verify == null || dryRun ? result : Math.max(result, verify(verify));
    }
  }

  private Target target(Archive archive, Map<String, Object> kafka) throws SQLException {
    if (dryRun || into == null) {
      return new NoTarget();
    }
    if (into.startsWith("jdbc:")) {
      Connection connection = database.connect(into);
      return new JdbcTarget(
          connection, job, merge, new MissingTables(kafka, archive.topics().log()));
    }
    if (into.equals("-")) {
      return form == Form.rows ? new RowsTarget(null, out) : new StreamTarget(out);
    }
    if (into.contains("/") || into.endsWith(".json") || into.endsWith(".jsonl")) {
      return form == Form.rows ? new RowsTarget(Path.of(into), out) : new FileTarget(Path.of(into));
    }
    if (form == Form.rows) {
      throw new ReplayException("--as rows goes into a file, not into the topic " + into + ".");
    }
    return new TopicTarget(
        kafka, archive.admin(), requireOwnTopic(archive.topics()), groupOf(archive.topics()));
  }

  /// The bridge takes every topic of the prefix for its own.
  private String requireOwnTopic(Topics topics) {
    String topic = java.util.Objects.requireNonNull(into);
    boolean back = questions && topic.equals(topics.questions());
    if (topic.startsWith(topics.prefix() + ".") && !back) {
      throw new ReplayException(
          "The topic %s belongs to the bridge: take a name that does not begin with \"%s.\"."
              .formatted(topic, topics.prefix()));
    }
    if (!topic.matches("[a-zA-Z0-9._-]{1,249}")) {
      throw new ReplayException("\"" + topic + "\" is no name of a topic.");
    }
    return topic;
  }

  private String groupOf(Topics topics) {
    return topics.prefix() + ".replay." + into + "." + job;
  }

  private int verify(String url) throws SQLException {
    boolean equal;
    try (Connection source = database.connect(url);
        Connection copy = database.connect(java.util.Objects.requireNonNull(into))) {
      equal = new Verification(source, copy, new Filter(tables, List.of()), progress::say).run();
    }
    progress.say(equal ? "The tables are equal." : "The tables are NOT equal.");
    return equal ? 0 : INCOMPLETE;
  }
}
