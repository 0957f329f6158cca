package dev.penstock.replay;

import java.util.UUID;

/// A transaction's place in the order of all.
///
/// @param commitLsn unsigned; comparable within one generation only
record Place(UUID generation, long commitLsn) {}
