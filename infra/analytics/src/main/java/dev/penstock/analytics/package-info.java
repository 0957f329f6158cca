/// A consumer of one keyed topic, to copy: `penstock.public.messages` into a DuckDB file, and what
/// can be asked of it.
///
/// Guarantees: the file holds the effect of every committed record up to its stored offsets exactly
/// once, whenever it was killed; memory is bounded; a record that cannot be read is kept aside and
/// counted, and too many of them stop the consumer visibly; no text that a person wrote is stored.
@NullMarked
package dev.penstock.analytics;

import org.jspecify.annotations.NullMarked;
