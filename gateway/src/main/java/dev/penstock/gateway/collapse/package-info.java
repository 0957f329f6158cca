/// Equal requests become one: one exchange with the upstream, its answer fanned out to any number
/// of readers.
///
/// Guarantee: every reader gets all bytes of the answer in their order, or is cut and sees that it
/// was; no reader waits for a slower one; what is kept for slower ones is bounded.
@NullMarked
package dev.penstock.gateway.collapse;

import org.jspecify.annotations.NullMarked;
