package dev.penstock.command;

import static org.springframework.http.MediaType.APPLICATION_JSON_VALUE;

import dev.penstock.command.txid.Trail;
import dev.penstock.command.txid.TxidTracer;
import java.security.Principal;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/// Where a transaction of the caller is. Another's, an unknown one and one that is not committed
/// are answered alike: 404.
@RestController
final class TxidController {
  private final TxidTracer tracer;
  private final Operators operators;

  TxidController(TxidTracer tracer, Operators operators) {
    this.tracer = tracer;
    this.operators = operators;
  }

  @GetMapping(path = "/txids/{txid}", produces = APPLICATION_JSON_VALUE)
  Trail trail(@PathVariable String txid, Principal caller) {
    long xid = txid(txid);
    Optional<Trail> found =
        Attempts.of(() ->
            operators.include(caller)
                ? tracer.ofOperator(xid)
                : tracer.ofCaller(xid, caller.getName()));
    return found.orElseThrow(() -> {
      // Without the path, which is the only thing that would differ.
      ErrorResponseException problem = new ErrorResponseException(HttpStatus.NOT_FOUND);
      problem.setDetail("There is no such transaction of yours.");
      problem.setInstance(java.net.URI.create("/txids"));
      return problem;
    });
  }

  private static long txid(String text) {
    if (text.matches("[0-9]{1,10}")) {
      long txid = Long.parseLong(text);
      if (txid <= 0xFFFF_FFFFL) {
        return txid;
      }
    }
    throw new InvalidRequestException("txid", "must be an unsigned 32-bit number");
  }
}
