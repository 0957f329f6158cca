package dev.penstock.answers;

import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Interrupts a run while it is answering or waiting, and only then: an interrupt during a
/// statement would close the database connection under it.
final class StopSignal {
  enum Cause {
    /// Another worker has the answer now.
    LEASE_LOST,
    /// Somebody stopped the answer, for good.
    CANCELLED,
    /// It takes longer than allowed.
    TIMED_OUT,
    /// This worker is being closed.
    CLOSING;

    /// Whether what was said so far is still this run's to write.
    boolean keepsText() {
      return switch (this) {
        case LEASE_LOST, CANCELLED -> false;
        case TIMED_OUT, CLOSING -> true;
      };
    }
  }

  @FunctionalInterface
  interface Work<T> {
    T run() throws InterruptedException;
  }

  private final Lock lock = new ReentrantLock();
  private @Nullable Thread interruptible;
  private @Nullable Cause cause;

  /// The first cause counts.
  void stop(Cause why) {
    lock.lock();
    try {
      if (cause == null) {
        cause = why;
      }
      if (interruptible != null) {
        interruptible.interrupt();
      }
    } finally {
      lock.unlock();
    }
  }

  Optional<Cause> cause() {
    lock.lock();
    try {
      return Optional.ofNullable(cause);
    } finally {
      lock.unlock();
    }
  }

  /// Runs `work` so that [#stop] interrupts it.
  ///
  /// @throws InterruptedException if it was stopped, before or meanwhile
  <T> T interruptibly(Work<T> work) throws InterruptedException {
    lock.lock();
    try {
      if (cause != null) {
        throw new InterruptedException();
      }
      interruptible = Thread.currentThread();
    } finally {
      lock.unlock();
    }
    try {
      return work.run();
    } finally {
      lock.lock();
      try {
        interruptible = null;
        // An interrupt that came too late to be noticed must not reach the next statement.
        Thread.interrupted();
      } finally {
        lock.unlock();
      }
    }
  }
}
