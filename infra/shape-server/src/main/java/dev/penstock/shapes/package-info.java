/// The shape-server: Electric's HTTP shape protocol, served from the log in Kafka and from Postgres
/// snapshots.
///
/// - It has no disk and no owner: any instance serves any handle, a restart loses nothing.
/// - What a client has materialised equals `SELECT … WHERE` of its shape once it is up to date.
/// - Nothing is delivered that the shape does not cover.
@NullMarked
package dev.penstock.shapes;

import org.jspecify.annotations.NullMarked;
