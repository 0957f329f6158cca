package dev.penstock.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Pages of the allowed origins see every answer, errors too; others see none.
class CorsTest {
  private static final TestGateway GATEWAY = new TestGateway();

  @AfterAll
  static void close() {
    GATEWAY.close();
  }

  @Test
  void errorsCarryCorsHeadersForAllowedOriginsOnly() {
    HttpResponse<String> allowed =
        GATEWAY.send(GATEWAY.request("/shape").header("Origin", TestGateway.ORIGIN));
    HttpResponse<String> foreign =
        GATEWAY.send(GATEWAY.request("/shape").header("Origin", "https://evil.example.org"));

    assertThat(allowed.statusCode()).isEqualTo(401);
    assertThat(allowed.headers().firstValue("access-control-allow-origin"))
        .contains(TestGateway.ORIGIN);
    assertThat(allowed.headers().firstValue("access-control-expose-headers").orElseThrow())
        .contains("electric-snapshot", "electric-handle", "retry-after");
    assertThat(String.join(", ", allowed.headers().allValues("vary"))).contains("Origin");
    assertThat(foreign.headers().firstValue("access-control-allow-origin")).isEmpty();
    assertThat(String.join(", ", foreign.headers().allValues("vary"))).contains("Origin");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/shape?offset=-1 | GET,POST,HEAD,OPTIONS",
        "/shapes/auth-token | POST,OPTIONS",
        "/questions/send | POST,OPTIONS",
        "/dead-letters | GET,OPTIONS",
        "/dead-letters/retry | POST,OPTIONS",
        "/dead-letters/0f7f0fd4-0000-4000-8000-000000000000 | DELETE,OPTIONS",
        "/no-such-call | GET,HEAD,OPTIONS"
      })
  void preflightIsAnsweredHereWithTheMethodsOfTheCall(String path, String methods) {
    HttpResponse<String> answer =
        GATEWAY.send(
            GATEWAY
                .request(path)
                .header("Origin", TestGateway.ORIGIN)
                .header("Access-Control-Request-Method", "POST")
                .header("Access-Control-Request-Headers", "authorization")
                .method("OPTIONS", HttpRequest.BodyPublishers.noBody()));

    assertThat(answer.statusCode()).isEqualTo(204);
    assertThat(answer.headers().firstValue("access-control-allow-headers").orElseThrow())
        .contains("authorization", "content-type");
    assertThat(answer.headers().firstValue("access-control-allow-methods")).contains(methods);
    assertThat(GATEWAY.shapes.received()).isEmpty();
  }

  /// As a page of another origin does it: with its origin and token, after the preflight.
  @Test
  void operatorsPageOfAnotherOriginMayDeleteADeadLetter() {
    GATEWAY.commands.answerWith((_, response) -> response.status(204).send());

    HttpResponse<String> answer =
        GATEWAY.send(
            GATEWAY
                .request("/dead-letters/0f7f0fd4-0000-4000-8000-000000000000")
                .header("Origin", TestGateway.ORIGIN)
                .header("Authorization", "Bearer " + TestGateway.authToken("operator"))
                .DELETE());

    assertThat(answer.statusCode()).isEqualTo(204);
    assertThat(answer.headers().firstValue("access-control-allow-origin"))
        .contains(TestGateway.ORIGIN);
    assertThat(GATEWAY.commands.received()).hasSize(1);
  }
}
