package dev.penstock.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.zip.GZIPInputStream;

/// A collector: takes OTLP over HTTP and keeps the spans.
final class OtlpReceiver implements AutoCloseable {
  /// One span, times in nanoseconds since 1970.
  record Span(
      String service, String trace, String id, String parent, String name, long start, long end) {}

  private final Queue<Span> spans = new ConcurrentLinkedQueue<>();
  private final HttpServer server;

  OtlpReceiver() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/v1/traces", this::take);
    server.start();
  }

  String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  List<Span> of(String trace) {
    return spans.stream().filter(span -> span.trace().equals(trace)).toList();
  }

  List<Span> all() {
    return List.copyOf(spans);
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("content-encoding"));
      byte[] body =
          (zipped ? new GZIPInputStream(exchange.getRequestBody()) : exchange.getRequestBody())
              .readAllBytes();
      for (byte[] resourceSpans : messages(body, 1)) {
        String service = service(resourceSpans);
        for (byte[] scopeSpans : messages(resourceSpans, 2)) {
          for (byte[] span : messages(scopeSpans, 2)) {
            spans.add(span(service, span));
          }
        }
      }
      exchange.getResponseHeaders().set("content-type", "application/x-protobuf");
      exchange.sendResponseHeaders(200, -1);
    }
  }

  private static String service(byte[] resourceSpans) {
    for (byte[] attribute : messages(messages(resourceSpans, 1).getFirst(), 1)) {
      if (text(attribute, 1).equals("service.name")) {
        return text(messages(attribute, 2).getFirst(), 1);
      }
    }
    throw new AssertionError("a resource without service.name");
  }

  private static Span span(String service, byte[] span) {
    return new Span(
        service,
        HexFormat.of().formatHex(messages(span, 1).getFirst()),
        HexFormat.of().formatHex(messages(span, 2).getFirst()),
        HexFormat.of().formatHex(messages(span, 4).getFirst()),
        text(span, 5),
        fixed64(span, 7),
        fixed64(span, 8));
  }

  private static String text(byte[] message, int field) {
    return new String(messages(message, field).getFirst(), UTF_8);
  }

  private static long fixed64(byte[] message, int field) {
    return ByteBuffer.wrap(messages(message, field).getFirst())
        .order(ByteOrder.LITTLE_ENDIAN)
        .getLong();
  }

  /// Every value of a field of a protobuf message, as its bytes.
  private static List<byte[]> messages(byte[] message, int field) {
    List<byte[]> found = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(message);
    while (in.hasRemaining()) {
      long tag = varint(in);
      int at = in.position();
      byte[] value =
          switch ((int) (tag & 7)) {
            case 0 -> {
              var _ = varint(in);
              byte[] bytes = new byte[in.position() - at];
              in.get(at, bytes);
              yield bytes;
            }
            case 1 -> bytes(in, 8);
            case 2 -> bytes(in, (int) varint(in));
            case 5 -> bytes(in, 4);
            default -> throw new AssertionError("no protobuf: " + tag);
          };
      if (tag >>> 3 == field) {
        found.add(value);
      }
    }
    return found;
  }

  private static byte[] bytes(ByteBuffer in, int count) {
    byte[] bytes = new byte[count];
    in.get(bytes);
    return bytes;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    int shift = 0;
    byte next;
    do {
      next = in.get();
      value |= (long) (next & 0x7f) << shift;
      shift += 7;
    } while (next < 0);
    return value;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
