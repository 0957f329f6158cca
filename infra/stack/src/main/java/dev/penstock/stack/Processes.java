package dev.penstock.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// What the JDK does not offer for processes: signals other than TERM and KILL, and telling a
/// zombie from the living.
final class Processes {
  private Processes() {}

  static void signal(String name, long pid) {
    try {
      Process kill =
          new ProcessBuilder("sh", "-c", "kill -" + name + " " + pid + " 2>/dev/null").start();
      if (!kill.waitFor(5, TimeUnit.SECONDS)) {
        kill.destroyForcibly();
      }
    } catch (IOException e) {
      throw new StackException("The signal " + name + " could not be sent to pid " + pid + ".", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// False also for a dead process that nobody has reaped, as it happens in containers whose pid 1
  /// does not reap.
  static boolean isAlive(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false) && !isZombie(pid);
  }

  static boolean isZombie(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return stat.startsWith(" Z", stat.lastIndexOf(')') + 1);
    } catch (IOException e) {
      return false;
    }
  }

  static boolean commandLineContains(long pid, String part) {
    return ProcessHandle.of(pid)
        .flatMap(process -> process.info().commandLine())
        .map(line -> line.contains(part))
        .orElse(false);
  }

  static boolean awaitDeath(long pid, Duration limit) {
    return await(() -> !isAlive(pid), limit);
  }

  /// True when the condition became true in time and this thread was not interrupted.
  static boolean await(BooleanSupplier condition, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0 || Thread.currentThread().isInterrupted()) {
        return false;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
    return true;
  }
}
