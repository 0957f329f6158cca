package dev.penstock.bridge;

import java.time.Duration;

/// When what the slot costs is worth an alarm.
///
/// @param interval between two looks
/// @param retainedBytes of WAL
/// @param transactionAge of the cluster's oldest open transaction
record WalLimits(Duration interval, long retainedBytes, Duration transactionAge) {}
