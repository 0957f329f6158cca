package dev.penstock.shapes;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.context.ConfigurableApplicationContext;

/// What no HTTP client would send is refused, at once, without a row and without an error of the
/// server.
@Timeout(120)
class RawRequestsTest {
  private static final String GOOD = "table=conversations&offset=-1";
  private static final int RANDOM = 150;

  private static TestShapes stack;
  private static ConfigurableApplicationContext server;
  private static int port;

  @BeforeAll
  static void start() {
    stack = new TestShapes();
    server = stack.server(Map.of("lazy-discovery", true, "write-timeout", "1s"));
    port =
        Integer.parseInt(String.valueOf(server.getEnvironment().getProperty("local.server.port")));
    stack.sql("insert into conversations values (gen_random_uuid(), 'o', 'secret row')");
  }

  @AfterAll
  static void stop() {
    server.close();
    stack.close();
  }

  @Test
  void encodingsRepeatsAndShapesOfParametersAreRefused() {
    for (String query :
        List.of(
            GOOD + "&where=%zz",
            GOOD + "&where=%",
            GOOD + "&where=%4",
            GOOD + "&where=%ff",
            GOOD + "&where=%c0%80",
            GOOD + "&where=%ed%a0%80",
            GOOD + "&where=%f4%90%80%80",
            GOOD + "&where=\u00e9",
            GOOD + "&%zz=1",
            GOOD + "&where=owner%3D%27%00%27",
            GOOD + "&columns=id%00",
            GOOD + "&params[1]=%00&where=owner=$1",
            GOOD + "&params%5B%5D=1",
            GOOD + "&params[1][2]=1",
            GOOD + "&params[1.0]=1",
            GOOD + "&params[01]=1&params[1]=2&params[3]=1",
            GOOD + "&params[99999999999999999999]=1",
            GOOD + "&params[٣]=1",
            GOOD + "&offset=x",
            GOOD + "&table=nope",
            GOOD + "&table=",
            GOOD + "&offset=",
            GOOD + "&replica=FULL",
            GOOD + "&log=Full",
            GOOD + "&live=true",
            GOOD + "&live",
            GOOD + "&live=",
            GOOD + "&live_sse",
            GOOD + "&experimental_live_sse=true",
            GOOD + "&experimental_compaction=maybe",
            GOOD + "&subset__limit=1",
            GOOD + "&subset__limit=99999999999999999999&subset__order_by=id",
            GOOD + "&subset__limit=1.0&subset__order_by=id",
            GOOD + "&subset__limit=%201&subset__order_by=id",
            GOOD + "&subset__offset=1",
            GOOD + "&subset__params=[1]&subset__where=true",
            GOOD + "&subset__params={&subset__where=true",
            GOOD + "&subset__params={%221%22:{}}&subset__where=true",
            GOOD + "&subset__order_by=id,,title",
            GOOD + "&subset__order_by=%22id",
            "table[]=conversations&offset=-1",
            "TABLE=conversations&OFFSET=-1",
            "table=conversations;offset=-1",
            "table=conversations&amp;offset=-1",
            "table%3Dconversations%26offset%3D-1",
            "table=%63onversations%00&offset=-1",
            "=&=&=",
            "&&&",
            "?" + GOOD,
            "table=conversations&offset=0_0&handle=%00",
            "table=conversations&offset=0_0&handle[]=x",
            "offset=%2D1&table=conv%20ersations")) {
      refused(send("GET /v1/shape?" + query + " HTTP/1.1", "", ""), query);
    }
  }

  @Test
  void requestsThatAreNoHttpAreRefused() {
    for (String line :
        List.of(
            "GET /v1/shape?" + "x".repeat(200_000) + " HTTP/1.1",
            "GET /v1/%zz?" + GOOD + " HTTP/1.1",
            "GET /v1/shape%2f?" + GOOD + " HTTP/1.1",
            "GET /v1/shape/../shape?" + GOOD + " HTTP/1.1",
            "PUT /v1/shape?" + GOOD + " HTTP/1.1",
            "PATCH /v1/shape?" + GOOD + " HTTP/1.1",
            "TRACE /v1/shape?" + GOOD + " HTTP/1.1",
            "NONSENSE /v1/shape?" + GOOD + " HTTP/1.1",
            "DELETE /v1/shape?" + GOOD + " HTTP/1.1",
            "POST /v1/health HTTP/1.1",
            "GET /v1/shape?" + GOOD,
            "\u0000\u0001\u0002")) {
      refused(send(line, "", ""), line);
    }
    refused(
        send("GET /v1/shape?" + GOOD + " HTTP/1.1", "X: " + "x".repeat(70_000) + "\r\n", ""),
        "a long header");
    refused(send("POST /v1/shape?" + GOOD + " HTTP/1.1", "Content-Length: x\r\n", ""), "a length");
    // A body that never comes is not waited for.
    refused(
        send("POST /v1/shape?" + GOOD + " HTTP/1.1", "Content-Length: 10\r\n", "{"), "half a body");
  }

  @Test
  void randomBytesAreNeverAnsweredWithAnErrorOfTheServerNorARow() {
    long seed = Long.getLong("penstock.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    List<String> names =
        List.of(
            "where=",
            "table=",
            "offset=",
            "handle=",
            "columns=",
            "params[1]=",
            "subset__where=",
            "subset__params=",
            "subset__order_by=",
            "");
    for (int i = 0; i < RANDOM; i++) {
      String bytes = bytes(random, 1 + random.nextInt(40));
      String about = "seed " + seed + ", request " + i;
      String name = names.get(random.nextInt(names.size()));
      String query = name.startsWith("table") ? "offset=-1" : GOOD;
      harmless(
          send(
              "GET /v1/shape?" + query + "&where=false&" + name + printable(bytes) + " HTTP/1.1",
              "",
              ""),
          about);
      String body = random.nextBoolean() ? bytes : "{\"where\":\"" + printable(bytes) + "\"}";
      harmless(
          send(
              "POST /v1/shape?" + GOOD + "&where=false HTTP/1.1",
              "Content-Length: " + body.length() + "\r\n",
              body),
          about);
      if (i % 10 == 0) {
        harmless(send(bytes, "", ""), about);
      }
    }
  }

  private static String bytes(Random random, int count) {
    byte[] all = new byte[count];
    random.nextBytes(all);
    return new String(all, ISO_8859_1);
  }

  /// Nothing that would end the request line.
  private static String printable(String bytes) {
    return bytes.replaceAll("[\\x00-\\x20\"#\\\\&]", "%");
  }

  private static void refused(String answer, String about) {
    harmless(answer, about);
    assertThat(answer).as(about).matches("(?s)(HTTP/1.[01] 4.*)?");
  }

  private static void harmless(String answer, String about) {
    assertThat(answer)
        .as(about)
        .doesNotStartWith("HTTP/1.1 5")
        .doesNotContain("secret row", "Exception", "dev.penstock");
  }

  /// Everything that comes back; empty if the server hangs up without a word.
  private static String send(String line, String headers, String body) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      socket.setSoTimeout(15_000);
      String request = line + "\r\nHost: x\r\nConnection: close\r\n" + headers + "\r\n" + body;
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      byte[] piece = new byte[4_096];
      int n;
      while ((n = socket.getInputStream().read(piece)) > 0) {
        all.write(piece, 0, n);
      }
      return all.toString(ISO_8859_1);
    } catch (java.net.SocketTimeoutException e) {
      throw new AssertionError("hangs: " + line, e);
    } catch (IOException e) {
      return "";
    }
  }
}
