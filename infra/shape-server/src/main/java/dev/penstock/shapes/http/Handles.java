package dev.penstock.shapes.http;

import dev.penstock.shapes.log.Reading;
import dev.penstock.shapes.shape.Handle;
import dev.penstock.shapes.shape.HandleCodec;
import dev.penstock.shapes.shape.ShapeDefinition;
import dev.penstock.shapes.shape.Visibility;
import dev.penstock.shapes.snapshot.Rows;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import reactor.core.publisher.Mono;

/// Makes handles, each once, and reads them.
final class Handles {
  private final HandleCodec codec;
  private final Deleted deleted = new Deleted();
  private final FirstSubsets firstSubsets = new FirstSubsets();

  Handles(HandleCodec codec) {
    this.codec = codec;
  }

  /// A handle and its text.
  record Named(Handle handle, String text) {}

  /// Of a shape that starts with a snapshot.
  Named of(ShapeDefinition shape, Rows rows, UUID generation) {
    return name(
        new Handle(shape.id(), rows.start(), rows.limit(), rows.visibility(), nowMicros(), nonce()),
        generation);
  }

  /// Of a shape that starts at a position with nothing.
  Named from(ShapeDefinition shape, long position, UUID generation) {
    return name(
        new Handle(shape.id(), position, 0, Visibility.NONE, nowMicros(), nonce()), generation);
  }

  /// Of a shape that starts with a subset taken at a position; see [FirstSubsets].
  Named ofSubset(ShapeDefinition shape, long position, Reading reading) {
    long start = firstSubsets.of(shape.id(), reading.generation(), position, System.nanoTime());
    Named named = from(shape, start, reading.generation());
    return start != position && reading.isRotated(named.handle())
        ? from(shape, position, reading.generation())
        : named;
  }

  Optional<Named> read(String text, UUID generation) {
    return codec.read(text, generation).map(handle -> new Named(handle, text));
  }

  /// Whether a text has the form of a handle, though it is none of the present generation.
  boolean isForeign(String text) {
    return codec.isForm(text);
  }

  boolean isDeleted(Handle handle) {
    return deleted.contains(handle);
  }

  void delete(long definition) {
    deleted.delete(definition, nowMicros());
  }

  /// Completes when the handle is deleted.
  Mono<Long> deletion(Handle handle) {
    return deleted.of(handle);
  }

  private Named name(Handle handle, UUID generation) {
    return new Named(handle, codec.write(handle, generation));
  }

  private static long nonce() {
    return ThreadLocalRandom.current().nextLong();
  }

  private static long nowMicros() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
  }
}
