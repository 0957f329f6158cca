/// Shapes: who may have which ({@link dev.penstock.gateway.shape.ShapePolicy}, the place to
/// extend), the token that says so, and the proxy.
///
/// Guarantee: the upstream's query is built from the Shape Token alone plus the allow-listed
/// protocol parameters; a client can narrow its shape, never widen it.
@NullMarked
package dev.penstock.gateway.shape;

import org.jspecify.annotations.NullMarked;
