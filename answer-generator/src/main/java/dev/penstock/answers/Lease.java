package dev.penstock.answers;

import java.util.UUID;

/// The right to write one answer, until the database says otherwise.
///
/// @param answerId the answer
/// @param worker who holds it: unique for each start of a process
/// @param generation grows with every claim and is never used twice
/// @param claims how many runs began this answer and did not hand it on, this one included
record Lease(UUID answerId, String worker, long generation, int claims) {}
