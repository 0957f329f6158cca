package dev.penstock.bridge;

import java.util.UUID;

/// What a term found out about a generation of the log: the database does not have its history. The
/// next term opens another.
///
/// @param reason a sentence for people
record Refutation(UUID generation, String reason) {}
