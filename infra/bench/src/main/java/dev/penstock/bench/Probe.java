package dev.penstock.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.time.Duration;
import java.util.OptionalLong;
import javax.management.MBeanServerConnection;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/// Asks another JVM of this machine and user what it uses.
final class Probe implements AutoCloseable {
  private final long pid;
  private final JMXConnector connector;
  private final MemoryMXBean memory;
  private final com.sun.management.ThreadMXBean threads;
  private final com.sun.management.OperatingSystemMXBean system;
  private final CompilationMXBean compiler;

  // The address is the one that the JVM itself has just given, on this machine.
  @SuppressWarnings("BanJNDI")
  Probe(long pid) throws IOException {
    this.pid = pid;
    connector = JMXConnectorFactory.connect(new JMXServiceURL(agent(pid)));
    MBeanServerConnection beans = connector.getMBeanServerConnection();
    memory =
        ManagementFactory.newPlatformMXBeanProxy(
            beans, ManagementFactory.MEMORY_MXBEAN_NAME, MemoryMXBean.class);
    threads =
        ManagementFactory.newPlatformMXBeanProxy(
            beans, ManagementFactory.THREAD_MXBEAN_NAME, com.sun.management.ThreadMXBean.class);
    system =
        ManagementFactory.newPlatformMXBeanProxy(
            beans,
            ManagementFactory.OPERATING_SYSTEM_MXBEAN_NAME,
            com.sun.management.OperatingSystemMXBean.class);
    compiler =
        ManagementFactory.newPlatformMXBeanProxy(
            beans, ManagementFactory.COMPILATION_MXBEAN_NAME, CompilationMXBean.class);
  }

  private static String agent(long pid) throws IOException {
    try {
      VirtualMachine machine = VirtualMachine.attach(Long.toString(pid));
      try {
        return machine.startLocalManagementAgent();
      } finally {
        machine.detach();
      }
    } catch (AttachNotSupportedException e) {
      throw new IOException("JVM " + pid + " cannot be attached to", e);
    }
  }

  /// Bytes of heap that survive full collections.
  long liveHeap() {
    for (int i = 0; i < 3; i++) {
      memory.gc();
    }
    return memory.getHeapMemoryUsage().getUsed();
  }

  /// The same once it falls no more: what has ended is let go of for some seconds yet.
  long restingHeap(Duration step) throws InterruptedException {
    long least = liveHeap();
    int rests = 0;
    for (int i = 0; i < 20 && rests < 3; i++) {
      Thread.sleep(step);
      long now = liveHeap();
      rests = now < least - least / 500 ? 0 : rests + 1;
      least = Math.min(least, now);
    }
    return least;
  }

  /// Bytes allocated on the heap since its start, by all threads.
  long allocated() {
    return threads.getTotalThreadAllocatedBytes();
  }

  /// Seconds of CPU since its start, its collector and compiler included.
  double cpuSeconds() {
    return system.getProcessCpuTime() / 1e9;
  }

  /// Milliseconds that its compilers have worked since its start.
  long compiling() {
    return compiler.getTotalCompilationTime();
  }

  /// Bytes of physical memory; empty where `ps` does not say.
  OptionalLong resident() throws IOException {
    Process ps = new ProcessBuilder("ps", "-o", "rss=", "-p", Long.toString(pid)).start();
    String kibibytes = new String(ps.getInputStream().readAllBytes(), US_ASCII).strip();
    return kibibytes.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(Long.parseLong(kibibytes) << 10);
  }

  @Override
  public void close() {
    try {
      connector.close();
    } catch (IOException e) {
      // The other side is gone already.
    }
  }
}
