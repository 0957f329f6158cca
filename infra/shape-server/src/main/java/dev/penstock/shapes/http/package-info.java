/// Electric's HTTP shape protocol.
///
/// - A client may send each request to another instance.
/// - A waiting or a stalled client holds no thread, and of a response in memory only what its
///   socket has not yet taken of one piece.
@NullMarked
package dev.penstock.shapes.http;

import org.jspecify.annotations.NullMarked;
