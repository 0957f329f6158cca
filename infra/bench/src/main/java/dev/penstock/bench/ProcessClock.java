package dev.penstock.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.OptionalDouble;

/// What CPU a process has used, to the nanosecond and without its help: the JVM's own answer has
/// steps of 10 ms, and asking for it is work for the process that is asked.
final class ProcessClock {
  /// Linux' `CPUCLOCK_SCHED` of `clock_getcpuclockid(3)`.
  private static final int SCHEDULED = 2;

  private static final boolean LINUX = System.getProperty("os.name").equals("Linux");

  private ProcessClock() {}

  /// Seconds since its start, of all its threads; empty on another system or if it is gone.
  @SuppressWarnings("restricted") // A function of the C library, with its signature.
  static OptionalDouble seconds(long pid) {
    if (!LINUX) {
      return OptionalDouble.empty();
    }
    Linker linker = Linker.nativeLinker();
    MethodHandle clock =
        linker.downcallHandle(
            linker.defaultLookup().find("clock_gettime").orElseThrow(),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment time = arena.allocate(ValueLayout.JAVA_LONG, 2);
      int failed = (int) clock.invokeExact((int) (~pid << 3 | SCHEDULED), time);
      return failed == 0
          ? OptionalDouble.of(
              time.getAtIndex(ValueLayout.JAVA_LONG, 0)
                  + time.getAtIndex(ValueLayout.JAVA_LONG, 1) / 1e9)
          : OptionalDouble.empty();
    } catch (Throwable e) {
      throw new IllegalStateException("clock_gettime", e);
    }
  }
}
