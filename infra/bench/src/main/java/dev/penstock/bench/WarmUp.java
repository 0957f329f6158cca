package dev.penstock.bench;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;

/// Work before that of a measurement, until the compilers of all JVMs that take part have as good
/// as nothing left to do: on two cores they would take from what is measured, and from every JVM
/// another part.
final class WarmUp {
  /// Of the time, what compiling may take at most.
  private static final double SETTLED = 0.05;

  private static final CompilationMXBean OWN = ManagementFactory.getCompilationMXBean();

  private WarmUp() {}

  /// A part of the work, about a second of it.
  interface Work {
    void run() throws Exception;
  }

  /// @param services that take part, beside the load generator
  /// @param most seconds, after which what is not settled is measured as it is
  static void run(List<Service> services, double most, Work work) throws Exception {
    long began = System.nanoTime();
    long before = compiling(services);
    while (true) {
      long slice = System.nanoTime();
      work.run();
      long now = System.nanoTime();
      long after = compiling(services);
      if (after - before < SETTLED * (now - slice) / 1e6 || (now - began) / 1e9 > most) {
        return;
      }
      before = after;
    }
  }

  /// Milliseconds so far.
  private static long compiling(List<Service> services) {
    return OWN.getTotalCompilationTime()
        + services.stream().mapToLong(service -> service.probe().compiling()).sum();
  }
}
