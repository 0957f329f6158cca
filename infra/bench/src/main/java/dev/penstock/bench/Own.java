package dev.penstock.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/// This JVM, which is the load generator and nothing else.
final class Own {
  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private Own() {}

  static double cpuSeconds() {
    return ProcessClock.seconds(ProcessHandle.current().pid())
        .orElseGet(() -> SYSTEM.getProcessCpuTime() / 1e9);
  }

  /// A measurement of this JVM's part of a core.
  static final class Share {
    private final double cpu = cpuSeconds();
    private final long began = System.nanoTime();

    double cores() {
      return (cpuSeconds() - cpu) / seconds();
    }

    double seconds() {
      return (System.nanoTime() - began) / 1e9;
    }
  }
}
