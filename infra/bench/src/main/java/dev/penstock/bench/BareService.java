package dev.penstock.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.penstock.command.QuestionSql;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;

/// The least that is a service: each POST runs the statements of a question. It verifies nobody,
/// checks nothing and measures nothing. What it loses against bare JDBC is the price of being asked
/// over HTTP on this machine, which no service can do without.
final class BareService {
  private static final String ID = "\"conversationId\":\"";

  private final BlockingQueue<Connection> idle = new LinkedBlockingQueue<>();
  private final ExecutorService threads;
  private final String owner;

  private BareService(String jdbcUrl, int connections, String owner) throws SQLException {
    this.owner = owner;
    threads = Executors.newFixedThreadPool(connections);
    for (int i = 0; i < connections; i++) {
      Connection connection = DriverManager.getConnection(jdbcUrl, "postgres", "");
      connection.setAutoCommit(false);
      idle.add(connection);
    }
  }

  static Service start(Rig rig, int connections, String owner) throws Exception {
    int port = Stand.freePort();
    Service service =
        Service.start(
            BareService.class,
            rig.stand().directory(),
            "bare-service",
            port,
            List.of(Integer.toString(port), rig.jdbcUrl(), Integer.toString(connections), owner));
    Waiting.until("the bare service", () -> Http.status(service.url() + "/") == 200);
    return service;
  }

  /// Arguments: port, JDBC URL, connections, owner of the conversations.
  public static void main(String[] arguments) throws Exception {
    BareService service =
        new BareService(arguments[1], Integer.parseInt(arguments[2]), arguments[3]);
    NullServer.serve(Integer.parseInt(arguments[0]), () -> service.new Answering());
  }

  private final class Answering extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      String body = request.content().toString(US_ASCII);
      threads.execute(() -> answer(context, body));
    }
  }

  private void answer(ChannelHandlerContext context, String body) {
    HttpResponseStatus status = HttpResponseStatus.OK;
    if (!body.isEmpty()) {
      int at = body.indexOf(ID) + ID.length();
      try {
        write(UUID.fromString(body.substring(at, at + 36)), body);
      } catch (SQLException | InterruptedException e) {
        status = HttpResponseStatus.INTERNAL_SERVER_ERROR;
      }
    }
    byte[] answer = "{\"success\":true,\"txid\":1}".getBytes(US_ASCII);
    var response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(answer));
    response.headers().set("content-length", answer.length);
    var _ = context.writeAndFlush(response);
  }

  private void write(UUID conversation, String content) throws SQLException, InterruptedException {
    Connection connection = idle.take();
    try {
      QuestionSql question = QuestionSql.of(conversation, owner, content);
      List<Object> parameters = question.parameters();
      try (PreparedStatement statement = connection.prepareStatement(question.sql())) {
        for (int i = 0; i < parameters.size(); i++) {
          statement.setObject(i + 1, parameters.get(i));
        }
        statement.execute();
      }
      connection.commit();
    } finally {
      idle.add(connection);
    }
  }
}
