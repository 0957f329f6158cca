/// Tokens that are good no more before their end: of a user, of a conversation, or a single one.
///
/// Guarantee: 5 s after a revocation was acknowledged no byte leaves any gateway for a token that
/// it covers, as long as that gateway is ready. A gateway that has not read all revocations takes
/// no token at all; one that has lost the topic keeps what it knows, is not ready, and gives no new
/// Shape Tokens, so that what it may have missed is at most a Shape Token's life old.
@NullMarked
package dev.penstock.gateway.revocation;

import org.jspecify.annotations.NullMarked;
