/// The front door: verifies both tokens, answers with shapes of the upstream that the caller's
/// token covers, passes commands on and serves the page.
///
/// Guarantee: no row leaves the gateway that the caller's token does not cover, by any parameter,
/// body, header, cache or error.
@NullMarked
package dev.penstock.gateway;

import org.jspecify.annotations.NullMarked;
