package dev.penstock.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MalformedRequestTest {
  private static final String Q = "11111111-1111-4111-8111-111111111111";
  private static final String A = "22222222-2222-4222-8222-222222222222";

  private final CommandServer server = CommandServer.shared();

  // In the bodies C, Q, A stand for ids, ' for ".
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          400 |                |
          400 |                | null
          400 |                | []
          400 |                | 'text'
          400 |                | 1
          400 |                | {
          400 |                | {]
          400 |                | {'conversationId'
          400 |                | {'conversationId':
          400 |                | {'content':'open
          400 |                | {'content':'\\u12'}
          400 |                | {'content':'\\x'}
          400 |                | {'content':'tab\t'}
          400 |                | {'content':NaN}
          400 |                | {content:'a'}
          400 |                | {'content':'a',}
          400 |                | {'conversationId':'C','questionId':'Q','answerId':'A','content':'a'} {}
          400 |                | {'conversationId':'C','questionId':'Q','answerId':'A','content':'a'}]
          400 |                | // comment
          400 |                | \uFFFE
          400 | conversationId | {}
          400 | questionId     | {'conversationId':'C','answerId':'A','content':'a'}
          400 | answerId       | {'conversationId':'C','questionId':'Q','content':'a'}
          400 | content        | {'conversationId':'C','questionId':'Q','answerId':'A'}
          400 | conversationId | {'conversationId':'','questionId':'Q','answerId':'A','content':'a'}
          400 | conversationId | {'conversationId':'1-1-1-1-1','questionId':'Q','answerId':'A','content':'a'}
          400 | conversationId | {'conversationId':null,'questionId':'Q','answerId':'A','content':'a'}
          400 | conversationId | {'conversationId':1,'questionId':'Q','answerId':'A','content':'a'}
          400 | conversationId | {'conversationId':{'a':[]},'questionId':'Q','answerId':'A','content':'a'}
          400 | questionId     | {'conversationId':'C','questionId':'{Q}','answerId':'A','content':'a'}
          400 | questionId     | {'conversationId':'C','questionId':' Q','answerId':'A','content':'a'}
          400 | questionId     | {'conversationId':'C','questionId':'Q','questionId':'Q','answerId':'A','content':'a'}
          400 | answerId       | {'conversationId':'C','questionId':'Q','answerId':'Q','content':'a'}
          400 | answerId       | {'conversationId':'C','questionId':'Q','answerId':'A0','content':'a'}
          400 | content        | {'conversationId':'C','questionId':'Q','answerId':'A','content':''}
          400 | content        | {'conversationId':'C','questionId':'Q','answerId':'A','content':' \\n\\u2003'}
          400 | content        | {'conversationId':'C','questionId':'Q','answerId':'A','content':'a\\u0000'}
          400 | content        | {'conversationId':'C','questionId':'Q','answerId':'A','content':'\\ud800'}
          400 | content        | {'conversationId':'C','questionId':'Q','answerId':'A','content':'\\udc00\\ud800'}
          400 | content        | {'conversationId':'C','questionId':'Q','answerId':'A','content':'\\ud83da'}
          400 | content        | {'conversationId':'C','questionId':'Q','answerId':'A','content':true}
          400 | content        | {'conversationId':'C','questionId':'Q','answerId':'A','content':1e999999999}
          400 | content        | {'content':['a']}
          400 | role           | {'conversationId':'C','questionId':'Q','answerId':'A','content':'a','role':'assistant'}
          400 | ??             | {'\\u2028\\u0000':'a'}
          400 |                | {'\\ud800':'a'}
          400 | ?script?       | {'<script>':'a'}
          404 |                | {'conversationId':'C','questionId':'Q','answerId':'A','content':'\\ud83d\\udeb0'}
          """)
  void isRefusedWithFieldAndReason(int status, String field, String body) {
    String filled =
        body == null
            ? ""
            : body.replace('\'', '"')
                .replace("\"C\"", "\"" + UUID.randomUUID() + "\"")
                .replaceAll("Q(?=[\"}])", Q)
                .replaceAll("A(?=[\"0])", A);

    CommandServer.Answer answer = post(filled);

    assertThat(answer.status()).as(answer.response().body()).isEqualTo(status);
    assertProblem(answer);
    if (field != null) {
      assertThat(answer.json().get("field").asString()).isEqualTo(field);
      assertThat(answer.json().get("reason").asString()).isNotEmpty();
    }
  }

  @Test
  void contentIsLimitedInBytes() {
    UUID conversation = server.conversation("alice");
    String largest = "ü".repeat(16 * 1024);

    assertThat(ask(conversation, largest).status()).isEqualTo(200);
    CommandServer.Answer larger = ask(conversation, largest + "a");
    assertThat(larger.status()).isEqualTo(400);
    assertThat(larger.json().get("field").asString()).isEqualTo("content");
  }

  @Test
  void bodiesAreLimited() {
    assertThat(post("[".repeat(200_000)).status()).isEqualTo(400);
    assertThat(post("{\"content\":" + "[".repeat(200_000)).status()).isEqualTo(400);
    assertThat(post("{\"" + "n".repeat(200_000) + "\":1}").status()).isEqualTo(400);
    assertThat(post("{\"content\":" + "1".repeat(200_000) + "}").status()).isEqualTo(400);
    CommandServer.Answer tooLarge = post(" ".repeat(256 * 1024 + 1));
    assertThat(tooLarge.status()).isEqualTo(413);
    assertProblem(tooLarge);
    byte[] chunked = new byte[300 * 1024];
    assertThat(
            CommandServer.send(
                    server
                        .request("/questions/send")
                        .header("Authorization", "Bearer " + CommandServer.token("alice"))
                        .header("Content-Type", "application/json")
                        .POST(
                            BodyPublishers.ofInputStream(
                                () -> new java.io.ByteArrayInputStream(chunked)))
                        .build())
                .status())
        .isEqualTo(413);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          415 | POST   | /questions/send     | text/plain       | */*
          415 | POST   | /questions/send     | nonsense         | */*
          415 | POST   | /questions/send     |                  | */*
          406 | POST   | /questions/send     | application/json | text/html
          405 | GET    | /questions/send     | application/json | */*
          405 | DELETE | /conversations      | application/json | */*
          404 | POST   | /questions          | application/json | */*
          404 | GET    | /error              | application/json | */*
          400 | POST   | /questions//send    | application/json | */*
          400 | POST   | /questions/send;a=1 | application/json | */*
          400 | POST   | /questions/send%0a  | application/json | */*
          """)
  void isRefusedByItsHead(int status, String method, String path, String type, String accept) {
    var request =
        server
            .request(path)
            .header("Authorization", "Bearer " + CommandServer.token("alice"))
            .header("Accept", accept)
            .method(method, BodyPublishers.ofString("{}"));
    if (type != null) {
      request.header("Content-Type", type);
    }

    CommandServer.Answer answer = CommandServer.send(request.build());

    assertThat(answer.status()).as(answer.response().body()).isEqualTo(status);
    assertProblem(answer);
  }

  @Test
  void titlesHaveOneToTwoHundredCharacters() {
    assertThat(create("🚰".repeat(200)).status()).isEqualTo(201);
    for (String title : new String[] {"🚰".repeat(201), "", " ", "a\0", "\ud800"}) {
      CommandServer.Answer answer = create(title);
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.json().get("field").asString()).isEqualTo("title");
    }
  }

  private CommandServer.Answer create(String title) {
    // The writer would refuse the half of a pair; as an escape it passes.
    String escaped = title.replace("\0", "\\u0000").replaceAll("^\ud800$", "\\\\ud800");
    return server.post(
        "/conversations",
        CommandServer.token("alice"),
        "{\"id\":\"" + UUID.randomUUID() + "\",\"title\":\"" + escaped + "\"}");
  }

  private CommandServer.Answer ask(UUID conversation, String content) {
    return server.ask("alice", conversation, UUID.randomUUID(), UUID.randomUUID(), content);
  }

  private CommandServer.Answer post(String body) {
    return server.post("/questions/send", CommandServer.token("alice"), body);
  }

  private static void assertProblem(CommandServer.Answer answer) {
    Map<String, java.util.List<String>> headers = answer.response().headers().map();
    assertThat(headers.get("content-type")).containsExactly("application/problem+json");
    assertThat(answer.json().get("status").asInt()).isEqualTo(answer.status());
  }
}
