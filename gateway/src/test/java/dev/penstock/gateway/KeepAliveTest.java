package dev.penstock.gateway;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class KeepAliveTest {
  @Test
  void connectionGoesOnAfterARequestThatCameBeforeTheLastAnswersEnd() throws IOException {
    try (TestGateway gateway = new TestGateway();
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
      gateway.shapes.answerWith((_, response) ->
          response.sendString(Mono.delay(Duration.ofMillis(50)).thenReturn("[]")).then());
      String shape =
          "GET /shape?offset=-1 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n"
              .formatted(gateway.messagesToken("alice"));
      String denied = "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n";
      socket.setSoTimeout(10_000);

      for (int i = 0; i < 3; i++) {
        socket.getOutputStream().write((shape + denied).getBytes(US_ASCII));

        assertThat(until(socket.getInputStream(), "HTTP/1.1 401")).contains("HTTP/1.1 200");
      }
    }
  }

  private static String until(InputStream in, String end) throws IOException {
    StringBuilder text = new StringBuilder();
    while (text.indexOf(end) < 0) {
      int next = in.read();
      assertThat(next).as("after " + text).isNotNegative();
      text.append((char) next);
    }
    return text.toString();
  }
}
