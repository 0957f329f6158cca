package dev.penstock.contracts.log;

import java.util.Objects;
import java.util.UUID;

/// What every record carries, to be counted or ignored by.
///
/// @param generation the incarnation of the log; [#NO_GENERATION] on a claim
/// @param epoch the Kafka offset of the claim; -1 on the claim itself
/// @param leader the random id of the leader
public record Stamp(UUID generation, long epoch, long leader) {
  /// Before the first generation has been opened, and on claims, which are made before the claimant
  /// has read the log.
  public static final UUID NO_GENERATION = new UUID(0, 0);

  public Stamp {
    Objects.requireNonNull(generation, "generation");
  }
}
