package dev.penstock.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.Test;

final class TcpProxyTest {

  @Test
  void aBlackHoleHoldsBackAndACutResets() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 10, Ports.loopback());
        TcpProxy proxy = TcpProxy.to(server.getLocalPort());
        Socket client = new Socket(Ports.loopback(), proxy.port());
        Socket accepted = server.accept()) {
      client.setSoTimeout(200);
      say(accepted, 1);
      assertThat(client.getInputStream().read()).isEqualTo(1);

      proxy.blackHole();
      say(accepted, 2);
      assertThatThrownBy(() -> client.getInputStream().read())
          .isInstanceOf(SocketTimeoutException.class);
      proxy.heal();
      client.setSoTimeout(5_000);
      assertThat(client.getInputStream().read()).isEqualTo(2);

      proxy.cut();
      assertThatThrownBy(
              () -> {
                if (client.getInputStream().read() < 0) {
                  throw new IOException("the end");
                }
              })
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(SocketTimeoutException.class);
    }
  }

  private static void say(Socket socket, int word) throws IOException {
    socket.getOutputStream().write(word);
    socket.getOutputStream().flush();
  }
}
