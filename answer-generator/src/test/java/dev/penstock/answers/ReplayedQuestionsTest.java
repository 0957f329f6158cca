package dev.penstock.answers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.Headers;
import dev.penstock.contracts.QuestionAsked;
import dev.penstock.stack.TestStack;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class ReplayedQuestionsTest {
  @Test
  void aReplayedQuestionIsNeverSentToAModelEvenIfItsAnswerIsOpen() throws Exception {
    try (Conversations conversations = new Conversations()) {
      // Given a question that a model would answer, had it not been replayed
      QuestionAsked replayed = conversations.question("replayed");
      conversations.insert(conversations.jdbc, replayed);
      conversations.newConversation();
      QuestionAsked live = conversations.question("live");
      conversations.insert(conversations.jdbc, live);
      ConcurrentLinkedQueue<String> sent = new ConcurrentLinkedQueue<>();
      Answerer answerer =
          (question, sink) -> {
            sent.add(question.content());
            sink.append("answer");
          };

      // When both come through one partition, the replayed one first
      conversations.produce(live);
      send(conversations, replayed, true);
      send(conversations, live, false);
      try (RunningGenerator generator = new RunningGenerator(conversations, Map.of(), answerer)) {
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() ->
                conversations.answer(live).status().equals("completed")
                    && generator.count("repeats") == 1);

        // Then
        assertThat(sent).containsExactly("live");
        assertThat(conversations.answer(replayed).status()).isEqualTo("pending");
        assertThat(conversations.deadLetters()).isEmpty();
      }
    }
  }

  private static void send(Conversations conversations, QuestionAsked asked, boolean replayed)
      throws ExecutionException, InterruptedException {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", TestStack.bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      ProducerRecord<byte[], byte[]> record =
          new ProducerRecord<>(
              conversations.topics.questions(),
              0,
              asked.conversationId().toString().getBytes(UTF_8),
              Conversations.json(asked));
      if (replayed) {
        record.headers().add(Headers.REPLAYED, "test".getBytes(UTF_8));
      }
      var _ = producer.send(record).get();
    }
  }
}
