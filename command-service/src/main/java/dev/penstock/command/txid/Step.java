package dev.penstock.command.txid;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One step of a transaction's way; what is not known or does not apply is left out.
///
/// @param at when, by the clock of who took the step
/// @param detail why it is not `done`, why its time is not known, or who was not heard; sentences
/// @param offset Kafka's, of the transaction's first piece in the log
/// @param commitLsn unsigned decimal, as in the headers of topics and shapes
/// @param records the first record of the transaction in each partition
@JsonInclude(JsonInclude.Include.NON_NULL)
record Step(
    Name step,
    Status status,
    @Nullable Instant at,
    @Nullable String detail,
    @Nullable String topic,
    @Nullable Long offset,
    @Nullable String commitLsn,
    @Nullable UUID generation,
    @Nullable List<Placed> records) {
  enum Name {
    @JsonProperty("committed")
    COMMITTED,
    @JsonProperty("in-log")
    IN_LOG,
    @JsonProperty("in-topics")
    IN_TOPICS,
    @JsonProperty("released")
    RELEASED
  }

  enum Status {
    @JsonProperty("done")
    DONE,
    /// Not yet.
    @JsonProperty("pending")
    PENDING,
    /// It will not happen.
    @JsonProperty("never")
    NEVER,
    /// It cannot be told whether.
    @JsonProperty("unknown")
    UNKNOWN;

    String metric() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// @param offset the Kafka offset, null while it is not there
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Placed(String topic, int partition, @Nullable Long offset, @Nullable Instant at) {}

  static Step of(Name name, Status status, @Nullable String detail) {
    return new Step(name, status, null, detail, null, null, null, null, null);
  }

  static Step done(Name name, @Nullable Instant at, @Nullable String detail) {
    return new Step(name, Status.DONE, at, detail, null, null, null, null, null);
  }
}
