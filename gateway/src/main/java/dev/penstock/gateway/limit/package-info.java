/// What one user, one address and one connection may cost.
///
/// Guarantee: every table here is bounded, whatever names come.
@NullMarked
package dev.penstock.gateway.limit;

import org.jspecify.annotations.NullMarked;
