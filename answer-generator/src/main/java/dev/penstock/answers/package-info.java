/// Answers questions: every question ends in exactly one final answer state, whatever is delivered
/// twice, late or never; work of a worker that lost its lease changes nothing; `cancelled` stays
/// cancelled. A growing answer costs at most four row updates a second and three times its text.
///
/// Kafka is the fast path, the database the truth: a record only says which row to look at, and a
/// row without a record is found by the sweep.
@NullMarked
package dev.penstock.answers;

import org.jspecify.annotations.NullMarked;
