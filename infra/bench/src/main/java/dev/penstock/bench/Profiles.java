package dev.penstock.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Whether and where JFR records every service, from `--profile`; for `jfr view hot-methods` and
/// the like.
final class Profiles {
  private static final AtomicReference<@Nullable Path> DIRECTORY = new AtomicReference<>();

  private Profiles() {}

  static void into(@Nullable Path directory) {
    DIRECTORY.set(directory);
  }

  static boolean active() {
    return DIRECTORY.get() != null;
  }

  /// Of a JVM of that name, which writes its recording when it ends.
  static List<String> flags(String name) {
    Path directory = DIRECTORY.get();
    return directory == null
        ? List.of()
        : List.of(
            "-XX:StartFlightRecording=settings=profile,dumponexit=true,filename="
                + directory.resolve(name + ".jfr"));
  }
}
