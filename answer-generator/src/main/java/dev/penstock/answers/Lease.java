package dev.penstock.answers;

import java.util.UUID;

/// The right to write one answer, until the database says otherwise.
///
/// @param answerId the answer
/// @param worker who holds it: unique for each start of a process
/// @param generation counts the claims of this answer, from 1
record Lease(UUID answerId, String worker, long generation) {}
