package dev.penstock.gateway.collapse;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicLong;

/// Figures of collapsing. Names begin with `penstock.gateway.shapes.`.
final class CollapseMetrics {
  private final Counter upstream;
  private final Counter collapsed;
  private final Counter slow;
  private final Counter stalled;
  private final DistributionSummary fanOut;
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong readers = new AtomicLong();

  CollapseMetrics(MeterRegistry meters) {
    upstream = meters.counter("penstock.gateway.shapes.upstream.requests");
    collapsed = meters.counter("penstock.gateway.shapes.collapsed");
    slow = meters.counter("penstock.gateway.shapes.cut", "reason", "slow");
    stalled = meters.counter("penstock.gateway.shapes.cut", "reason", "stalled");
    fanOut = meters.summary("penstock.gateway.shapes.fanout");
    meters.gauge("penstock.gateway.shapes.buffer.bytes", bytes);
    meters.gauge("penstock.gateway.shapes.readers", readers);
  }

  void started() {
    upstream.increment();
  }

  void joined() {
    collapsed.increment();
  }

  void ended(int served) {
    fanOut.record(served);
  }

  void reader(int change) {
    readers.addAndGet(change);
  }

  CutException cut(CutException.Reason reason) {
    switch (reason) {
      case SLOW -> slow.increment();
      case STALLED -> stalled.increment();
    }
    return new CutException(reason);
  }

  void kept(long change) {
    bytes.addAndGet(change);
  }

  long kept() {
    return bytes.get();
  }
}
