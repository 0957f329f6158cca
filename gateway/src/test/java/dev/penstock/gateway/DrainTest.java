package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;

@Timeout(60)
class DrainTest {
  @Test
  void aGatewayThatStopsServesOnUntilNobodyComesAndThenAnswersWhatItHolds() throws Exception {
    // Given
    TestGateway gateway = new TestGateway(Map.of("penstock.gateway.drain", "2s"));
    String token = gateway.messagesToken("alice");
    gateway.shapes.answerWith((_, _) -> Mono.never());
    CompletableFuture<HttpResponse<String>> poll =
        gateway.http.sendAsync(
            gateway
                .request("/shape?live=true&handle=54321-1763&offset=12_0&cursor=7")
                .header("Authorization", "Bearer " + token)
                .build(),
            HttpResponse.BodyHandlers.ofString());
    await().atMost(Duration.ofSeconds(10)).until(() -> gateway.shapes.open() == 1);

    // When
    Thread stop = Thread.ofPlatform().start(gateway::close);

    // Then
    await()
        .pollInterval(Duration.ofMillis(50))
        .atMost(Duration.ofSeconds(10))
        .until(() -> gateway.send(gateway.request("/health")).statusCode() == 503);
    HttpResponse<String> command =
        gateway.post("/questions/send", TestGateway.authToken("alice"), "{}");
    assertThat(command.statusCode()).isEqualTo(200);
    assertThat(command.headers().firstValue("connection")).hasValue("close");
    assertThat(poll).isNotDone();

    HttpResponse<String> answer = poll.get(20, TimeUnit.SECONDS);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("[]");
    assertThat(answer.headers().firstValue("electric-handle")).hasValue("54321-1763");
    assertThat(answer.headers().firstValue("electric-offset")).hasValue("12_0");
    assertThat(answer.headers().firstValue("electric-cursor")).hasValue("7");
    assertThat(answer.headers().firstValue("cache-control")).hasValue("no-store");
    assertThat(answer.headers().firstValue("connection")).hasValue("close");
    stop.join();
  }
}
