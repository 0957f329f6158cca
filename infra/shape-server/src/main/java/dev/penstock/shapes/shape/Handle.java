package dev.penstock.shapes.shape;

/// What a handle says.
///
/// @param definition [ShapeDefinition#id] of the shape
/// @param start the commit LSN up to which everything is in the snapshot
/// @param limit transactions with a later commit LSN are never in the snapshot, 0 without one
/// @param visibility of the snapshot
/// @param createdMicros when it was made, microseconds since 1970
/// @param nonce what makes it the only one
public record Handle(
    long definition,
    long start,
    long limit,
    Visibility visibility,
    long createdMicros,
    long nonce) {

  /// Whether a transaction of the log belongs to this handle's stream: it is not in the snapshot.
  public boolean delivers(long commitLsn, long xid) {
    if (Long.compareUnsigned(commitLsn, start) <= 0) {
      return false;
    }
    return Long.compareUnsigned(commitLsn, limit) > 0 || !visibility.sees((int) xid);
  }
}
