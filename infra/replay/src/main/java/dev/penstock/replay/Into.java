package dev.penstock.replay;

import dev.penstock.contracts.Topics;
import java.nio.file.Path;

/// What `--into` names.
sealed interface Into {
  String POSTGRES = "jdbc:postgresql:";

  record Database(String url) implements Into {}

  record Output() implements Into {}

  record File(Path path) implements Into {}

  record Topic(String name) implements Into {}

  /// Reads what a person wrote.
  ///
  /// @param events whether questions go into it
  static Into parse(String text, Topics topics, boolean events) {
    if (text.startsWith("jdbc:")) {
      return new Database(requirePostgres("--into", text));
    }
    if (text.equals("-")) {
      return new Output();
    }
    if (text.contains("/") || text.endsWith(".json") || text.endsWith(".jsonl")) {
      return new File(Path.of(text));
    }
    return topic(text, topics, events);
  }

  /// The bridge takes every topic of the prefix for its own.
  private static Into topic(String name, Topics topics, boolean events) {
    boolean back = events && name.equals(topics.questions());
    if (name.startsWith(topics.prefix() + ".") && !back) {
      throw new OptionException(
          "--into %s: this topic belongs to the bridge. Take a name that does not begin with \"%s.\"."
              .formatted(name, topics.prefix()));
    }
    if (!name.matches("[a-zA-Z0-9._-]{1,249}") || name.matches("[.]{1,2}")) {
      throw new OptionException(
          "--into %s: say a jdbc:postgresql: url, a file (a name that ends in .json or .jsonl or has a /), - for standard output, or the name of a topic."
              .formatted(name));
    }
    return new Topic(name);
  }

  static String requirePostgres(String option, String url) {
    if (!url.startsWith(POSTGRES)) {
      throw new OptionException(
          "%s %s: the url of a Postgres begins with %s//."
              .formatted(option, url.replaceFirst("\\?.*", ""), POSTGRES));
    }
    return url;
  }
}
