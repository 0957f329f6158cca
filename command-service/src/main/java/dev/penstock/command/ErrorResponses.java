package dev.penstock.command;

import dev.penstock.command.txid.TracerBusyException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/// Every refusal as RFC 9457 problem+json; never the text of an exception that is not ours.
@RestControllerAdvice
final class ErrorResponses extends ResponseEntityExceptionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ErrorResponses.class);
  private static final String RETRY_AFTER_SECONDS = "1";

  @ExceptionHandler
  ResponseEntity<ProblemDetail> invalid(InvalidRequestException e) {
    ProblemDetail problem =
        ProblemDetail.forStatusAndDetail(HttpStatus.BAD_REQUEST, e.getMessage());
    problem.setProperty("reason", e.reason());
    @Nullable String field = e.field();
    if (field != null) {
      problem.setProperty("field", field);
    }
    return ResponseEntity.of(problem).build();
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> unavailable(DatabaseUnavailableException e) {
    LOG.atWarn().setCause(e.getCause()).log("Refused a command: the database does not answer");
    ProblemDetail problem =
        ProblemDetail.forStatusAndDetail(
            HttpStatus.SERVICE_UNAVAILABLE,
            "The database does not answer. Repeating the request is safe.");
    return ResponseEntity.of(problem).header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS).build();
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> busy(TracerBusyException e) {
    ProblemDetail problem =
        ProblemDetail.forStatusAndDetail(HttpStatus.SERVICE_UNAVAILABLE, e.getMessage());
    problem.setProperty("reason", e.reason());
    return ResponseEntity.of(problem).header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS).build();
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> fault(Exception e) {
    LOG.atError().setCause(e).log("A request failed");
    return ResponseEntity.of(ProblemDetail.forStatus(HttpStatus.INTERNAL_SERVER_ERROR)).build();
  }
}
