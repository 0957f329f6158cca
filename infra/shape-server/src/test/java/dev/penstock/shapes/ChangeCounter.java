package dev.penstock.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Follows one shape of rows with ids from 1 upwards and holds none of them.
final class ChangeCounter {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final Client client;
  private final String table;
  private String handle = "";
  private String offset = "0_inf";
  private int last;
  private int responses;

  ChangeCounter(Client client, String table) {
    this.client = client;
    this.table = table;
  }

  void start() {
    handle = client.shape("table", table, "offset", "-1").required("electric-handle");
  }

  int responses() {
    return responses;
  }

  /// Reads until the row with this id: each once, in order, of this transaction.
  void follow(int rows, long txid) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + Duration.ofMinutes(15).toNanos();
    while (last < rows) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      String query =
          Client.query("table", table, "offset", offset, "handle", handle, "live", "true");
      HttpResponse<InputStream> response =
          HTTP.send(
              HttpRequest.newBuilder(URI.create(client.base() + query)).build(),
              HttpResponse.BodyHandlers.ofInputStream());
      responses++;
      try (InputStream body = response.body()) {
        if (response.statusCode() == 503) {
          body.readAllBytes();
          continue;
        }
        assertThat(response.statusCode()).isEqualTo(200);
        count(body, txid);
      }
      offset = response.headers().firstValue("electric-offset").orElseThrow();
    }
    assertThat(last).isEqualTo(rows);
  }

  private void count(InputStream body, long txid) {
    try (JsonParser json = Client.JSON.createParser(body)) {
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        if (token == JsonToken.PROPERTY_NAME && json.currentName().equals("id")) {
          json.nextToken();
          assertThat(json.getString()).isEqualTo(Integer.toString(++last));
        } else if (token == JsonToken.PROPERTY_NAME && json.currentName().equals("txids")) {
          json.nextToken();
          json.nextToken();
          assertThat(json.getLongValue()).isEqualTo(txid);
        }
      }
    }
  }
}
