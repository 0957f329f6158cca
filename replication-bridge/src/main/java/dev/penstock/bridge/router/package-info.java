/// The router: everything in the keyed topics is derived from the log by the log's own reader, in
/// Kafka transactions that carry the router's position. A `read_committed` consumer sees every
/// change exactly once, in order per key.
@NullMarked
package dev.penstock.bridge.router;

import org.jspecify.annotations.NullMarked;
