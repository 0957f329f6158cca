package dev.penstock.command;

import static org.springframework.http.MediaType.APPLICATION_JSON_VALUE;

import dev.penstock.contracts.trace.Spans;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.security.Principal;
import java.util.Collections;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

// `produces` refuses a caller that takes no JSON before the write, not after it.
@RestController
final class CommandController {
  private static final Logger LOG = LoggerFactory.getLogger(CommandController.class);

  private final CommandWriter writer;
  private final CommandProperties limits;
  private final Spans spans;

  CommandController(CommandWriter writer, CommandProperties limits, Spans spans) {
    this.writer = writer;
    this.limits = limits;
    this.spans = spans;
  }

  record QuestionSent(boolean success, long txid) {}

  record ConversationCreated(long txid) {}

  @PostMapping(
      path = "/questions/send",
      consumes = APPLICATION_JSON_VALUE,
      produces = APPLICATION_JSON_VALUE)
  QuestionSent send(HttpServletRequest request, Principal caller) {
    SendQuestion command =
        SendQuestion.parse(body(request), caller.getName(), limits.maxContent().toBytes());
    return new QuestionSent(true, write(command, request));
  }

  @PostMapping(
      path = "/conversations",
      consumes = APPLICATION_JSON_VALUE,
      produces = APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.CREATED)
  ConversationCreated create(HttpServletRequest request, Principal caller) {
    CreateConversation command =
        CreateConversation.parse(body(request), caller.getName(), limits.maxTitle());
    return new ConversationCreated(write(command, request));
  }

  record AnswerStopped(long txid) {}

  @PostMapping(path = "/answers/{id}/stop", produces = APPLICATION_JSON_VALUE)
  AnswerStopped stop(HttpServletRequest request, @PathVariable String id, Principal caller) {
    return new AnswerStopped(
        write(new StopAnswer(Fields.uuid("id", id), caller.getName()), request));
  }

  private long write(Command command, HttpServletRequest request) {
    String caller = TraceParent.of(Collections.list(request.getHeaders("traceparent")));
    Optional<Spans.Open> served = spans.serve("command", caller);
    try {
      return write(command, served.map(Spans.Open::traceParent).orElse(caller));
    } finally {
      served.ifPresent(Spans.Open::end);
    }
  }

  private long write(Command command, @Nullable String caller) {
    // What follows from the commit is made under this span: it is what the WAL carries on.
    Optional<Spans.Open> committed = spans.begin("committed", caller);
    String traceParent = committed.map(Spans.Open::traceParent).orElse(caller);
    Outcome outcome = Attempts.of(() -> writer.write(command, traceParent));
    return switch (outcome) {
      case Outcome.Written(long txid, boolean repeated) -> {
        if (!repeated) {
          committed.ifPresent(span -> span.with("penstock.txid", txid).end());
        }
        LOG.atDebug()
            .addKeyValue("messageId", command.requestId())
            .addKeyValue("txid", txid)
            .log(repeated ? "Found a repeated command" : "Wrote a command");
        yield txid;
      }
      case Outcome.IdTaken() ->
          throw problem(HttpStatus.CONFLICT, "An id of this command is already used by another.");
      case Outcome.ConversationNotFound() ->
          throw problem(
              HttpStatus.NOT_FOUND,
              command instanceof StopAnswer ? "answer not found" : "conversation not found");
    };
  }

  private byte[] body(HttpServletRequest request) {
    int limit = Math.toIntExact(limits.maxBody().toBytes());
    try {
      if (request.getContentLengthLong() <= limit) {
        byte[] body = request.getInputStream().readNBytes(limit + 1);
        if (body.length <= limit) {
          return body;
        }
      }
    } catch (IOException e) {
      throw new InvalidRequestException(null, "The body ended early.");
    }
    throw problem(HttpStatus.CONTENT_TOO_LARGE, "The body must have at most " + limit + " bytes.");
  }

  private static ErrorResponseException problem(HttpStatus status, String detail) {
    ErrorResponseException problem = new ErrorResponseException(status);
    problem.setDetail(detail);
    return problem;
  }
}
