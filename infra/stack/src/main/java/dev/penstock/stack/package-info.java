/// Postgres 18 and a Kafka 4.3 broker as a library: what the launcher runs and what every module's
/// tests run against.
///
/// Guarantees: acknowledged data survives a stop, a SIGKILL of either server and a SIGKILL of this
/// JVM; two stacks never share a data directory; a server that this library did not start on its
/// own data directory is never used, stopped or adopted; every start and stop is bounded in time.
@NullMarked
package dev.penstock.stack;

import org.jspecify.annotations.NullMarked;
