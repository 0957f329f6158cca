package dev.penstock.analytics;

/// How the consumer is, for its health.
sealed interface FollowerState {
  /// Kafka has given it no partition yet.
  record Starting() implements FollowerState {}

  /// It reads and stores.
  ///
  /// @param lag records of the topic that are not stored yet
  record Following(int partitions, long lag) implements FollowerState {}

  /// It begins again by itself.
  record Failing(String reason) implements FollowerState {}

  /// A person must look.
  record Stopped(String reason) implements FollowerState {}

  default boolean up() {
    return switch (this) {
      case Starting _, Failing _, Stopped _ -> false;
      case Following _ -> true;
    };
  }
}
