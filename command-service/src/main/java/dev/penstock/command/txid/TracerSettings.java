package dev.penstock.command.txid;

import dev.penstock.contracts.Topics;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/// How the tracer searches.
///
/// @param bootstrapServers of Kafka
/// @param shapeServers every instance that is to be asked; empty where the upstream is an Electric
/// @param shapesSecret that they want
/// @param concurrency searches at once
/// @param timeout of one search
/// @param scan records that one search may read
/// @param slack by how much the clocks of Postgres and bridge may differ
public record TracerSettings(
    String bootstrapServers,
    Topics topics,
    List<URI> shapeServers,
    String shapesSecret,
    int concurrency,
    Duration timeout,
    long scan,
    Duration slack) {
  public TracerSettings {
    shapeServers = List.copyOf(shapeServers);
  }
}
