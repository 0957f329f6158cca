package dev.penstock.gateway.shape;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a verified Auth Token says.
///
/// @param caller `sub`
/// @param id `jti`, where it has one
/// @param issuedAt the epoch where it does not say
record Login(String caller, @Nullable String id, Instant issuedAt, Instant expiresAt) {}
