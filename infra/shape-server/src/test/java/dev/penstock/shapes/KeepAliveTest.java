package dev.penstock.shapes;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

class KeepAliveTest {
  private static final String SHAPE =
      "GET /v1/shape?table=kept&offset=-1 HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final String HEALTH = "GET /v1/health HTTP/1.1\r\nHost: a\r\n\r\n";

  @Test
  void connectionGoesOnAfterARequestThatCameBeforeTheLastAnswersEnd() throws IOException {
    try (TestShapes stack = new TestShapes();
        ConfigurableApplicationContext server = stack.server(Map.of());
        Socket socket =
            new Socket(
                InetAddress.getLoopbackAddress(),
                server.getEnvironment().getRequiredProperty("local.server.port", Integer.class))) {
      stack.publish("(id int primary key)", "kept");
      socket.setSoTimeout(10_000);

      for (int i = 0; i < 3; i++) {
        socket.getOutputStream().write((SHAPE + HEALTH).getBytes(US_ASCII));

        assertThat(until(socket.getInputStream(), "\"active\"}")).contains("snapshot-end");
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
