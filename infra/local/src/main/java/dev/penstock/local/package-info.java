/// The launcher: Postgres, Kafka and every service in one JVM, without Docker, for development and
/// for a first look.
@NullMarked
package dev.penstock.local;

import org.jspecify.annotations.NullMarked;
