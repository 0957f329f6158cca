package dev.penstock.gateway;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/// All bytes that came back on a connection, which may be several answers.
///
/// @param raw as they came
/// @param decoded with bodies put together from their chunks and decompressed
/// @param statuses of the answers
record Reply(String raw, String decoded, List<Integer> statuses) {
  static Reply of(byte[] bytes) {
    Parser parser = new Parser(new String(bytes, StandardCharsets.ISO_8859_1));
    parser.parse();
    return new Reply(parser.text, parser.decoded.toString(), parser.statuses);
  }

  int status() {
    return statuses.isEmpty() ? 0 : statuses.getFirst();
  }

  /// Head and body of the first answer but for what differs from answer to answer.
  String withoutDate() {
    return raw.replaceAll("(?im)^date: .*\r\n", "");
  }

  private static final class Parser {
    private final String text;
    private final StringBuilder decoded = new StringBuilder();
    private final List<Integer> statuses = new ArrayList<>();
    private int at;

    Parser(String text) {
      this.text = text;
    }

    void parse() {
      while (at < text.length()) {
        int end = text.indexOf("\r\n\r\n", at);
        if (end < 0 || !text.startsWith("HTTP/1.", at)) {
          decoded.append(text, at, text.length());
          return;
        }
        String head = text.substring(at, end);
        decoded.append(head).append("\r\n\r\n");
        int status = Integer.parseInt(head.substring(9, 12));
        statuses.add(status);
        at = end + 4;
        String lower = head.toLowerCase(Locale.ROOT);
        boolean empty = status < 200 || status == 204 || status == 304;
        String body =
            empty ? "" : lower.contains("transfer-encoding: chunked") ? chunks() : counted(lower);
        decoded.append(inflate(lower, body)).append("\r\n");
      }
    }

    private String counted(String head) {
      int length = head.indexOf("content-length: ");
      int end = text.length();
      if (length >= 0) {
        String value = head.substring(length + 16).lines().findFirst().orElse("0").strip();
        end = Math.min(end, at + Integer.parseInt(value));
      }
      // The answer to a HEAD has a length and no body.
      if (text.startsWith("HTTP/1.", at)) {
        return "";
      }
      String body = text.substring(at, end);
      at = end;
      return body;
    }

    private String chunks() {
      StringBuilder body = new StringBuilder();
      while (at < text.length() && !text.startsWith("HTTP/1.", at)) {
        int line = text.indexOf("\r\n", at);
        int size = line < 0 ? -1 : Integer.parseInt(text.substring(at, line), 16);
        if (size < 0) {
          body.append(text, at, text.length());
          at = text.length();
          break;
        }
        int end = Math.min(text.length(), line + 2 + size);
        body.append(text, line + 2, end);
        at = Math.min(text.length(), end + 2);
        if (size == 0) {
          break;
        }
      }
      return body.toString();
    }

    private static String inflate(String head, String body) {
      byte[] bytes = body.getBytes(StandardCharsets.ISO_8859_1);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      try (InputStream in =
          head.contains("content-encoding: gzip")
              ? new GZIPInputStream(new ByteArrayInputStream(bytes))
              : head.contains("content-encoding: deflate")
                  ? new InflaterInputStream(new ByteArrayInputStream(bytes))
                  : new ByteArrayInputStream(bytes)) {
        in.transferTo(out);
      } catch (IOException cutShort) {
        out.writeBytes(bytes);
      }
      return out.toString(StandardCharsets.ISO_8859_1);
    }
  }
}
