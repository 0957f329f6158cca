package dev.penstock.gateway.shape;

import dev.penstock.gateway.revocation.Grant;
import java.time.Instant;

/// What a verified Shape Token says.
///
/// @param caller `sub`
/// @param id `jti`
/// @param grant how it can be revoked
record ShapeToken(
    String caller, String id, Instant expiresAt, ShapeDefinition definition, Grant grant) {}
