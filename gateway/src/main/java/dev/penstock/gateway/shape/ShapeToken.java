package dev.penstock.gateway.shape;

import java.time.Instant;

/// What a verified Shape Token says.
///
/// @param caller `sub`
/// @param id `jti`
record ShapeToken(String caller, String id, Instant expiresAt, ShapeDefinition definition) {}
