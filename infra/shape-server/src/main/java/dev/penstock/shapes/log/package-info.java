/// The log as shapes need it: one tail per instance, a bounded window of recent transactions, one
/// evaluation of each change per shape, and catch-up from Kafka behind the window.
///
/// - A transaction is released to a shape whole.
/// - A rotation happens at a place in the log, so at the same place on every instance.
@NullMarked
package dev.penstock.shapes.log;

import org.jspecify.annotations.NullMarked;
