package dev.penstock.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.stack.TestStack;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LeadTest {

  @Test
  void whatIsSeenWhenTheSessionIsGoneAlreadyIsNotHeld() throws Exception {
    Database database = new Database(TestStack.newDatabase(), "postgres", "");
    try (Lead lead =
            Objects.requireNonNull(
                Lead.await(database, "slot", new CountDownLatch(1), () -> {}), "lead");
        Connection connection = database.connect("penstock-bridge-test")) {
      AtomicInteger pings = new AtomicInteger();
      List<Integer> held = new CopyOnWriteArrayList<>();
      CompletableFuture<Throwable> lost = new CompletableFuture<>();

      lead.watch(
          () -> {
            int ping = pings.incrementAndGet();
            if (ping == 2) {
              endSession(connection);
            }
            return ping;
          },
          held::add,
          lost::complete);

      assertThat(lost.get(10, TimeUnit.SECONDS)).isInstanceOf(SQLException.class);
      assertThat(held).containsExactly(1);
    }
  }

  private static void endSession(Connection connection) {
    try {
      Sql.run(
          connection,
          "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
              + " where application_name = 'penstock-bridge-lead' and datname = current_database()");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
