package dev.penstock.bench;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;

/// So many callers, each connected from now on and with a thread of its own.
final class Callers implements AutoCloseable {
  /// Sends one question.
  interface Call extends AutoCloseable {
    void send(UUID conversation) throws IOException, SQLException;

    @Override
    void close() throws IOException, SQLException;
  }

  /// Connects one more.
  interface Calls {
    Call open() throws Exception;
  }

  /// What one caller does, with the conversation that is its own.
  interface Work {
    void run(Call call, UUID conversation) throws Exception;
  }

  private final List<Call> all = new ArrayList<>();
  private final ExecutorService threads;
  private final List<UUID> conversations;

  Callers(Calls calls, int count, List<UUID> conversations) throws Exception {
    this.conversations = conversations;
    threads = Executors.newFixedThreadPool(count);
    for (int i = 0; i < count; i++) {
      all.add(calls.open());
    }
  }

  /// Each sends one question after the other.
  ///
  /// @return how many
  long run(double seconds) throws Exception {
    LongAdder done = new LongAdder();
    long end = System.nanoTime() + (long) (seconds * 1e9);
    each((call, conversation) -> {
      while (System.nanoTime() < end) {
        call.send(conversation);
        done.increment();
      }
    });
    return done.sum();
  }

  void each(Work work) throws Exception {
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      Call call = all.get(i);
      UUID conversation = conversations.get(i % conversations.size());
      running.add(
          threads.submit(() -> {
            work.run(call, conversation);
            return null;
          }));
    }
    for (Future<?> one : running) {
      var _ = one.get();
    }
  }

  @Override
  public void close() throws IOException, SQLException {
    threads.shutdownNow();
    for (Call call : all) {
      call.close();
    }
  }
}
