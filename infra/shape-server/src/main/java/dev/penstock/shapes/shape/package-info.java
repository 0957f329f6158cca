/// What a shape is: its definition, its handle, its positions, and its messages as bytes.
///
/// A handle is self-contained and signed: any instance can serve it from the log and the handle
/// alone, and none hands it out twice.
@NullMarked
package dev.penstock.shapes.shape;

import org.jspecify.annotations.NullMarked;
