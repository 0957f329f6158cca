package dev.penstock.command.txid;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Where a transaction is: the answer of `GET /txids/{txid}`.
///
/// @param command `question`, `conversation`, `stop` or `retry`; null where it is nobody's command
/// @param requestId the id that the client gave it
/// @param reason why it will never arrive, or not under its txid
/// @param detail the same as a sentence
/// @param accepted when the command-service had read the command and asked for a connection, by its
///   clock; null for commands of before V6
/// @param begun when the transaction began, by Postgres' clock
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Trail(
    long txid,
    State state,
    @Nullable String command,
    @Nullable UUID requestId,
    @Nullable Reason reason,
    @Nullable String detail,
    @Nullable Instant accepted,
    @Nullable Instant begun,
    List<Step> steps) {
  /// What it comes to.
  public enum State {
    /// Operators only.
    @JsonProperty("in-progress")
    IN_PROGRESS,
    /// Operators only.
    @JsonProperty("aborted")
    ABORTED,
    @JsonProperty("on-its-way")
    ON_ITS_WAY,
    /// Every shape that holds its rows has it.
    @JsonProperty("arrived")
    ARRIVED,
    /// No shape of the caller will show this txid.
    @JsonProperty("never-arrives")
    NEVER_ARRIVES,
    /// Committed; what is asked for the rest does not know it, or not any more.
    @JsonProperty("unknown")
    UNKNOWN
  }

  /// Why a txid never arrives.
  public enum Reason {
    @JsonProperty("no-synced-row-changed")
    NO_SYNCED_ROW_CHANGED,
    @JsonProperty("outside-of-your-shapes")
    OUTSIDE_OF_YOUR_SHAPES,
    /// Its rows arrive, without the txid.
    @JsonProperty("in-a-snapshot")
    IN_A_SNAPSHOT
  }

  boolean isFinal() {
    return state == State.ARRIVED
        || (state == State.NEVER_ARRIVES
            && steps.stream().noneMatch(step -> step.status() == Step.Status.PENDING));
  }
}
