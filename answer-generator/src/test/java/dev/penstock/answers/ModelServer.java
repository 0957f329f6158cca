package dev.penstock.answers;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A server that speaks a model's streaming format as well or as badly as a test wants, byte by
/// byte.
public final class ModelServer implements AutoCloseable {
  /// What one request gets.
  @FunctionalInterface
  public interface Script {
    /// Runs on a thread of its own; the connection is closed afterwards.
    void serve(Request request, Reply reply) throws IOException, InterruptedException;
  }

  /// One request.
  ///
  /// @param head request line and headers
  public record Request(int number, String head, JsonNode body) {
    /// Role and text of each message.
    public List<String> messages() {
      return body.get("messages")
          .valueStream()
          .map(message -> message.get("role").asString() + ": " + text(message.get("content")))
          .toList();
    }

    public static String text(JsonNode content) {
      return content.isString() ? content.asString() : content.path(0).path("text").asString();
    }
  }

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final ServerSocket server;
  private final Script script;
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  public ModelServer(Script script) throws IOException {
    this.server = new ServerSocket(0, 1_000, InetAddress.getLoopbackAddress());
    this.script = script;
    Thread.ofVirtual().name("model-server").start(this::accept);
  }

  public String url() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  public List<Request> requests() {
    return requests;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        socket.setTcpNoDelay(true);
        sockets.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream input = new BufferedInputStream(socket.getInputStream());
      StringBuilder head = new StringBuilder();
      while (!head.toString().endsWith("\r\n\r\n")) {
        int c = input.read();
        if (c < 0) {
          return;
        }
        head.append((char) c);
      }
      String length = head.toString().replaceAll("(?is).*content-length: *([0-9]+).*", "$1");
      byte[] body = input.readNBytes(Integer.parseInt(length));
      Request request = new Request(requests.size() + 1, head.toString(), JSON.readTree(body));
      requests.add(request);
      script.serve(request, new Reply(socket, input));
    } catch (IOException e) {
      // The client has gone, which is its right.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  /// One response.
  public static final class Reply {
    private final OutputStream output;
    private final CountDownLatch gone = new CountDownLatch(1);

    Reply(Socket socket, InputStream input) throws IOException {
      this.output = socket.getOutputStream();
      Thread.ofVirtual()
          .start(() -> {
            try {
              while (input.read() >= 0) {
                // Nothing more is expected.
              }
            } catch (IOException e) {
              // Gone, too.
            } finally {
              gone.countDown();
            }
          });
    }

    /// Waits until the client has closed the connection.
    public boolean awaitGone(long millis) throws InterruptedException {
      return gone.await(millis, TimeUnit.MILLISECONDS);
    }

    /// A pause, which ends early where the client goes.
    public void pause(long millis) throws IOException, InterruptedException {
      if (awaitGone(millis)) {
        throw new IOException("The client has gone");
      }
    }

    public void raw(String bytes) throws IOException {
      output.write(bytes.getBytes(UTF_8));
      output.flush();
    }

    public void refuse(int status, Map<String, String> headers) throws IOException {
      StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " No\r\n");
      headers.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
      String body = "{\"error\":{\"message\":\"no\",\"type\":\"t\",\"code\":\"c\"}}";
      raw(
          head
              + "Connection: close\r\nContent-Type: application/json\r\nContent-Length: "
              + body.length()
              + "\r\n\r\n"
              + body);
    }

    public void begin() throws IOException {
      raw(
          """
          HTTP/1.1 200 OK\r
          Content-Type: text/event-stream\r
          Connection: close\r
          Transfer-Encoding: chunked\r
          \r
          """);
    }

    public void chunk(String text) throws IOException {
      raw(Integer.toHexString(text.getBytes(UTF_8).length) + "\r\n" + text + "\r\n");
    }

    public void event(String data) throws IOException {
      chunk("data: " + data + "\n\n");
    }

    public void text(String piece) throws IOException {
      event(choice("{\"content\":" + JSON.writeValueAsString(piece) + "}", "null"));
    }

    /// The last events, whole.
    public void finish(String reason) throws IOException {
      event(choice("{}", "\"" + reason + "\""));
      event(
          """
          {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],\
          "usage":{"prompt_tokens":7,"completion_tokens":11,"total_tokens":18}}\
          """);
      event("[DONE]");
      end();
    }

    public void end() throws IOException {
      raw("0\r\n\r\n");
    }

    private static String choice(String delta, String reason) {
      return """
      {"id":"1","object":"chat.completion.chunk","created":1,"model":"m",\
      "choices":[{"index":0,"delta":%s,"finish_reason":%s}]}\
      """
          .formatted(delta, reason);
    }
  }
}
