package dev.penstock.shapes.http;

import static java.util.Objects.requireNonNull;

import dev.penstock.management.Drain;
import dev.penstock.shapes.log.ShapeLog;
import dev.penstock.shapes.log.Tail;
import dev.penstock.shapes.shape.HandleCodec;
import dev.penstock.shapes.snapshot.Catalog;
import dev.penstock.shapes.snapshot.Snapshots;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.DisposableServer;
import reactor.netty.FutureMono;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/// The listening server.
public final class ShapeHttpServer implements AutoCloseable {
  private static final String NAME = "ElectricSQL/1.7.12-penstock";
  private static final Logger log = LoggerFactory.getLogger(ShapeHttpServer.class);
  // Some 30 000 shapes: more are read anew with each poll, as before they were remembered.
  private static final long DEFINITION_CHARACTERS = 16 << 20;
  private static final int MAX_URI_BYTES = 128 << 10;

  private final ProtocolSettings settings;
  private final Drain drain;
  private final Router router;
  private final Counter cut;
  private final AtomicInteger open;
  private final DisposableServer server;

  /// Listens at once.
  ///
  /// @param port 0 for any free one
  public ShapeHttpServer(
      String address,
      int port,
      ProtocolSettings settings,
      Tail tail,
      ShapeLog shapeLog,
      Catalog catalog,
      Snapshots snapshots,
      HandleCodec codec,
      Drain drain,
      MeterRegistry meters) {
    this.settings = settings;
    this.drain = drain;
    cut = meters.counter("penstock.shapes.responses.cut");
    open = requireNonNull(meters.gauge("penstock.shapes.responses.open", new AtomicInteger()));
    ShapeEndpoint endpoint =
        new ShapeEndpoint(
            settings,
            new Definitions(catalog, DEFINITION_CHARACTERS, meters),
            shapeLog,
            snapshots,
            new Handles(codec),
            drain);
    router = new Router(settings, tail, endpoint, new Admission(settings, meters), drain);
    server =
        HttpServer.create()
            .host(address)
            .port(port)
            // Else a stop waits for no answer that is under way.
            .channelGroup(new DefaultChannelGroup(GlobalEventExecutor.INSTANCE))
            .httpRequestDecoder(
                spec -> spec.maxInitialLineLength(MAX_URI_BYTES).maxHeaderSize(32 << 10))
            .handle(this::handle)
            .bindNow(Duration.ofSeconds(10));
  }

  public int port() {
    return server.port();
  }

  /// Lets answers under way end, for 2 s.
  @Override
  public void close() {
    try {
      server.disposeNow(Duration.ofSeconds(2));
    } catch (IllegalStateException e) {
      log.atWarn().addKeyValue("open", open.get()).log("answers under way were cut");
    }
  }

  /// Answers in the event loop's next turn at the earliest: Reactor Netty 1.3.7 never reads again
  /// from a connection whose request it had kept back and that is answered while it is being handed
  /// over (its issue 4361).
  private Publisher<Void> handle(HttpServerRequest request, HttpServerResponse response) {
    EventLoop loop = channel(response).eventLoop();
    return router
        .answer(request, loop)
        .subscribeOn(Schedulers.fromExecutor(loop))
        .flatMap(answer -> write(request, response, answer));
  }

  private static Channel channel(HttpServerResponse response) {
    AtomicReference<Channel> channel = new AtomicReference<>();
    response.withConnection(connection -> channel.set(connection.channel()));
    return requireNonNull(channel.get());
  }

  private Mono<Void> write(HttpServerRequest request, HttpServerResponse response, Answer answer) {
    response.status(answer.status());
    response.header("electric-server", NAME);
    response.header("x-request-id", UUID.randomUUID().toString());
    answer.headers().forEach(response::header);
    if (drain.isBegun()) {
      response.keepAlive(false);
    }
    boolean head = request.method().equals(HttpMethod.HEAD);
    return switch (answer.body()) {
      case Answer.Body.Whole(byte[] bytes) -> whole(response, bytes, head, answer.status());
      case Answer.Body.Pieces pieces -> {
        if (head) {
          pieces.unused().run();
          yield response.sendHeaders().then();
        }
        Channel channel = channel(response);
        yield response
            .sendHeaders()
            .then(pieces.pieces().concatMap(bytes -> piece(channel, bytes), 1))
            .then()
            .doOnSubscribe(_ -> open.incrementAndGet())
            .doFinally(_ -> {
              open.decrementAndGet();
              pieces.unused().run();
            });
      }
    };
  }

  private static Mono<Void> whole(
      HttpServerResponse response, byte[] bytes, boolean head, int status) {
    if (status == 204 || status == 304) {
      return response.send().then();
    }
    response.header("content-length", Integer.toString(bytes.length));
    if (head || bytes.length == 0) {
      return response.sendHeaders().then();
    }
    return response.send(Mono.just(Unpooled.wrappedBuffer(bytes))).then();
  }

  /// Done when the socket has taken the piece: nothing else of the response is in memory before.
  /// Written to the channel, since the response's own `send` drops a single buffer behind headers.
  private Mono<Void> piece(Channel channel, byte[] bytes) {
    return FutureMono.deferFuture(() -> channel.writeAndFlush(Unpooled.wrappedBuffer(bytes)))
        .timeout(settings.writeTimeout())
        .doOnError(TimeoutException.class, _ -> cut.increment());
  }
}
