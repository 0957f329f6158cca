/// Snapshots of shapes and the catalogue that they follow from.
///
/// - A snapshot is one REPEATABLE READ transaction, streamed; it is used only if it sees everything
///   that this instance had released before it.
/// - Postgres' text in a snapshot is the text that the log has, whatever the server's defaults;
///   booleans are `true` and `false`, as Electric's snapshots have them.
@NullMarked
package dev.penstock.shapes.snapshot;

import org.jspecify.annotations.NullMarked;
