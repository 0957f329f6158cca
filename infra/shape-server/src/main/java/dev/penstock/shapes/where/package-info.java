/// Where clauses: parsed with Postgres' precedence, typed against the table's columns, evaluated
/// over rows in Postgres' text form with three-valued logic, and rendered to SQL with bound values.
///
/// - The snapshot's SQL and the live evaluation come from the same typed tree, so they cannot read
///   a clause in two ways.
/// - What is not understood is refused with its place. Nothing is ever over-delivered.
@NullMarked
package dev.penstock.shapes.where;

import org.jspecify.annotations.NullMarked;
