package dev.penstock.replay;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.Console;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/// The commands of the launcher's jar that work on any deployment.
public final class Commands {
  private static final Set<String> NAMES = Set.of("replay", "erase");

  private Commands() {}

  /// Whether the arguments begin with the name of a command.
  public static boolean isCommand(String... arguments) {
    return arguments.length > 0 && NAMES.contains(arguments[0]);
  }

  /// Runs the command that the first argument names.
  ///
  /// @param out what was asked for
  /// @param err progress, and why it failed
  /// @return the process's exit code
  public static int run(PrintStream out, PrintStream err, String... arguments) {
    boolean terminal = Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    List<String> rest = Arrays.asList(arguments).subList(1, arguments.length);
    CommandLine line =
        new CommandLine(
            arguments[0].equals("erase")
                ? new EraseCommand(err, terminal)
                : new ReplayCommand(out, err, terminal));
    line.setOut(new java.io.PrintWriter(out, true, UTF_8));
    line.setErr(new java.io.PrintWriter(err, true, UTF_8));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler((failure, _, _) -> {
      err.println(sentence(failure));
      if (!(failure instanceof ReplayException)) {
        LoggerFactory.getLogger(Commands.class).atError().setCause(failure).log("failed");
      }
      return failure instanceof OptionException ? 2 : 1;
    });
    line.setParameterExceptionHandler((failure, _) -> {
      err.println(failure.getMessage() + " See " + arguments[0] + " --help.");
      return 2;
    });
    return line.execute(rest.toArray(String[]::new));
  }

  private static String sentence(Throwable failure) {
    if (failure instanceof ReplayException) {
      return String.valueOf(failure.getMessage());
    }
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return "It failed: " + (root.getMessage() == null ? root.toString() : root.getMessage());
  }
}
