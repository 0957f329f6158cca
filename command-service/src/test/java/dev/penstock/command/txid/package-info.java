/// Tests of the tracer over a real Postgres and a real Kafka; the log is written by its one writer.
@NullMarked
package dev.penstock.command.txid;

import org.jspecify.annotations.NullMarked;
