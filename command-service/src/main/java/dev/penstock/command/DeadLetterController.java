package dev.penstock.command;

import static org.springframework.http.MediaType.APPLICATION_JSON_VALUE;

import java.security.Principal;
import java.util.List;
import java.util.UUID;
import org.springframework.http.HttpStatus;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/// The operators' desk: what could not be answered is listed, asked again or discarded. Each call
/// may be repeated.
@RestController
final class DeadLetterController {
  private static final int MOST_LISTED = 200;
  private static final int MOST_RETRIED = 1_000;

  private final DeadLetters letters;
  private final CommandWriter writer;
  private final Operators operators;

  DeadLetterController(DeadLetters letters, CommandWriter writer, Operators operators) {
    this.letters = letters;
    this.writer = writer;
    this.operators = operators;
  }

  /// @param more whether there are older ones
  record Listed(List<DeadLetters.Letter> deadLetters, boolean more) {}

  record Retried(long txid) {}

  /// @param more whether there are more to retry
  record AllRetried(int retried, boolean more) {}

  @GetMapping(path = "/dead-letters", produces = APPLICATION_JSON_VALUE)
  Listed list(Principal caller) {
    operators.require(caller);
    List<DeadLetters.Letter> found = Attempts.of(() -> letters.list(MOST_LISTED + 1));
    return new Listed(
        found.subList(0, Math.min(found.size(), MOST_LISTED)), found.size() > MOST_LISTED);
  }

  @PostMapping(path = "/dead-letters/{id}/retry", produces = APPLICATION_JSON_VALUE)
  Retried retry(@PathVariable String id, Principal caller) {
    operators.require(caller);
    if (write(Fields.uuid("id", id), caller) instanceof Outcome.Written written) {
      return new Retried(written.txid());
    }
    ErrorResponseException problem = new ErrorResponseException(HttpStatus.NOT_FOUND);
    problem.setDetail("There is no such dead letter, or it names no answer.");
    throw problem;
  }

  @PostMapping(path = "/dead-letters/retry", produces = APPLICATION_JSON_VALUE)
  AllRetried retryAll(Principal caller) {
    operators.require(caller);
    List<UUID> found = Attempts.of(() -> letters.answerable(MOST_RETRIED + 1));
    int retried = 0;
    for (UUID id : found.subList(0, Math.min(found.size(), MOST_RETRIED))) {
      // Another operator may have been faster.
      if (write(id, caller) instanceof Outcome.Written written && !written.repeated()) {
        retried++;
      }
    }
    return new AllRetried(retried, found.size() > MOST_RETRIED);
  }

  @DeleteMapping("/dead-letters/{id}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void discard(@PathVariable String id, Principal caller) {
    operators.require(caller);
    UUID letter = Fields.uuid("id", id);
    Attempts.of(() -> {
      letters.discard(letter);
      return letter;
    });
  }

  private Outcome write(UUID id, Principal caller) {
    return Attempts.of(() -> writer.write(new RetryDeadLetter(id, caller.getName()), null));
  }
}
