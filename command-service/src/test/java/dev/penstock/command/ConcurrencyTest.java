package dev.penstock.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class ConcurrencyTest {
  private static final long SEED = Long.getLong("penstock.seed", System.nanoTime());

  private final CommandServer server = CommandServer.shared();

  record Send(UUID conversation, UUID question, UUID answer, String content) {}

  @Test
  void everySendIsWrittenOnceInTheOrderOfItsConversation() throws Exception {
    Random random = new Random(SEED);
    List<UUID> conversations = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      conversations.add(server.conversation("alice"));
    }
    List<Send> sends = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      Send send =
          i > 0 && random.nextInt(4) == 0
              ? sends.get(random.nextInt(i))
              : new Send(
                  conversations.get(random.nextInt(20)),
                  UUID.randomUUID(),
                  UUID.randomUUID(),
                  "question " + i);
      sends.add(send);
    }

    List<Long> txids = all(sends.stream().<Callable<Long>>map(s -> () -> send(s).txid()).toList());

    Map<UUID, Long> byQuestion = new HashMap<>();
    for (int i = 0; i < sends.size(); i++) {
      Long before = byQuestion.put(sends.get(i).question(), txids.get(i));
      assertThat(before).as("seed " + SEED).isIn(null, txids.get(i));
    }
    assertThat(new HashSet<>(byQuestion.values())).hasSameSizeAs(byQuestion.keySet());
    byQuestion.forEach((question, txid) ->
        assertThat(
                server
                    .database()
                    .sql("select xmin::text::bigint from messages where ? in (id, reply_to)")
                    .param(question)
                    .query(Long.class)
                    .list())
            .containsExactly(txid, txid));
    assertThat(
            server
                .database()
                .sql(
                    """
                    select count(*) from (
                      select created_at, role, id, reply_to,
                        lag(created_at) over w as created_before, lag(id) over w as id_before
                      from messages where conversation_id in (:all)
                      window w as (partition by conversation_id order by created_at, id)) m
                    where created_at <= created_before
                      or (role = 'assistant' and reply_to <> id_before)
                    """)
                .param("all", conversations)
                .query(Long.class)
                .single())
        .as("seed " + SEED)
        .isZero();
  }

  @Test
  void identicalRequestsAtOnceHaveOneEffectAndOneAnswer() throws Exception {
    UUID conversation = server.conversation("alice");
    for (int round = 0; round < 10; round++) {
      Send send = new Send(conversation, UUID.randomUUID(), UUID.randomUUID(), "q");

      List<Long> txids = all(java.util.Collections.nCopies(8, () -> send(send).txid()));

      assertThat(Set.copyOf(txids)).hasSize(1);
    }
    assertThat(count(conversation)).isEqualTo(20);
  }

  @Test
  void oneIdInTwoConversationsAtOnceIsWrittenOnce() throws Exception {
    UUID first = server.conversation("alice");
    UUID second = server.conversation("alice");
    for (int round = 0; round < 10; round++) {
      UUID question = UUID.randomUUID();
      UUID answer = UUID.randomUUID();

      List<Integer> statuses =
          all(
              List.of(
                  () -> send(new Send(first, question, answer, "q")).status(),
                  () -> send(new Send(second, question, answer, "q")).status(),
                  // Its ids crossed: without another attempt, a deadlock.
                  () -> send(new Send(second, answer, question, "q")).status()));

      assertThat(statuses).containsOnlyOnce(200).contains(409).doesNotContain(500, 503);
    }
    assertThat(count(first) + count(second)).isEqualTo(20);
  }

  private CommandServer.Answer send(Send send) {
    return server.ask("alice", send.conversation, send.question, send.answer, send.content);
  }

  private long count(UUID conversation) {
    return server
        .database()
        .sql("select count(*) from messages where conversation_id = ?")
        .param(conversation)
        .query(Long.class)
        .single();
  }

  private static <T> List<T> all(List<Callable<T>> calls)
      throws InterruptedException, ExecutionException {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<T> results = new ArrayList<>();
      for (Future<T> result : threads.invokeAll(calls)) {
        results.add(result.get());
      }
      return results;
    }
  }
}
