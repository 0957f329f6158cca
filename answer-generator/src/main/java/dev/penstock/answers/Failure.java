package dev.penstock.answers;

/// Why there is no answer.
///
/// @param reason for the person who asked
/// @param cause for operators
/// @param attempts how often the answerer was asked in this run
record Failure(String reason, String cause, int attempts) {}
