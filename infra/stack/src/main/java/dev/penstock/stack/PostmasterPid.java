package dev.penstock.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// `postmaster.pid` of one data directory: line 1 is the pid, line 4 the port (storage/pidfile.h of
/// Postgres).
///
/// The pid alone proves nothing: after a reboot, or in a fresh container, it often belongs to
/// somebody else.
record PostmasterPid(long pid, int port) {
  static Path file(Path data) {
    return data.resolve("postmaster.pid");
  }

  static Optional<PostmasterPid> read(Path data) {
    try {
      List<String> lines = Files.readAllLines(file(data));
      return lines.size() < 4
          ? Optional.empty()
          : Optional.of(
              new PostmasterPid(
                  Math.abs(Long.parseLong(lines.get(0).strip())),
                  Integer.parseInt(lines.get(3).strip())));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | NumberFormatException e) {
      throw new StackException("The file " + file(data) + " could not be read.", e);
    }
  }

  /// Whether the living process of that pid is the Postgres of this directory: it says so over SQL,
  /// or (starting, frozen) its command line does.
  boolean servesDirectory(Path data) {
    return Processes.isAlive(pid)
        && (PostgresSql.dataDirectory(port, 2).filter(data::equals).isPresent()
            || Processes.commandLineContains(pid, data.toString()));
  }
}
