package dev.penstock.shapes.http;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What of the protocol is configurable.
///
/// @param secret what clients must send, null where nothing is asked
/// @param longPoll how long a live request is held
/// @param sseDuration how long an event stream lasts
/// @param sseKeepAlive after how long without messages a comment is sent
/// @param chunkBytes about the largest response
/// @param patience how long a request may wait for this instance to be ready or to catch up
/// @param maxAge `max-age` of catch-up responses
/// @param staleAge `stale-while-revalidate` of them
/// @param initialRequests how many requests without an offset may be under way
/// @param existingRequests how many others
/// @param allowDelete whether `DELETE` is answered
/// @param writeTimeout after how long a response is cut whose reader takes nothing
public record ProtocolSettings(
    @Nullable String secret,
    Duration longPoll,
    Duration sseDuration,
    Duration sseKeepAlive,
    long chunkBytes,
    Duration patience,
    Duration maxAge,
    Duration staleAge,
    int initialRequests,
    int existingRequests,
    boolean allowDelete,
    Duration writeTimeout) {}
