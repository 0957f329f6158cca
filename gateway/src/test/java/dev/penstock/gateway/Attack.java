package dev.penstock.gateway;

import dev.penstock.gateway.TwoTenants.Place;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;

/// Bytes for one connection, and what may come back for them.
///
/// @param family of attacks
/// @param bytes ISO 8859-1; the last request asks for the connection's end
/// @param covered by the tokens in it
/// @param most answers of a status 2xx there may be
record Attack(String family, String bytes, Predicate<Place> covered, int most) {
  static final Predicate<Place> NOTHING = _ -> false;
  private static final int PATIENCE_MILLIS = 5_000;
  private static final int SILENCE_MILLIS = 300;

  /// Sends it and takes all that comes back until the server closes. Of what leaves a connection
  /// open, until it has been silent for a time behind the first answer.
  Reply sendTo(int port) {
    ByteArrayOutputStream came = new ByteArrayOutputStream();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.setTcpNoDelay(true);
      InputStream in = socket.getInputStream();
      try {
        socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
        byte[] buffer = new byte[16 * 1024];
        int read;
        while ((read = in.read(buffer)) >= 0) {
          came.write(buffer, 0, read);
          if (family.equals("framing")) {
            socket.setSoTimeout(SILENCE_MILLIS);
          }
        }
      } catch (SocketTimeoutException | SocketException silent) {
        // What has come is what is looked at.
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    return Reply.of(came.toByteArray());
  }
}
