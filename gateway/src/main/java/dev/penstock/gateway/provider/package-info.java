/// The keys of whoever issues Auth Tokens.
///
/// Guarantee: a token is verified with a key that the provider published, or not at all; a provider
/// that is down makes no known key unknown; unknown key ids make no more than a few requests to it.
@NullMarked
package dev.penstock.gateway.provider;

import org.jspecify.annotations.NullMarked;
