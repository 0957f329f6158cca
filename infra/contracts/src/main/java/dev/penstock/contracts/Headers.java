package dev.penstock.contracts;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/// Names of the headers of the keyed topics' records. Values are UTF-8 text.
public final class Headers {
  /// The unsigned 32-bit xid in decimal, as the command's answer and the shape's `txids` have it.
  public static final String TXID = "txid";

  /// The commit LSN in unsigned decimal: the same number as the first half of a shape's offset.
  public static final String COMMIT_LSN = "commit_lsn";

  /// The place of the change among its transaction's published row changes, from 0.
  public static final String SEQ = "seq";

  /// W3C trace context of the writing transaction, where it had one.
  public static final String TRACEPARENT = "traceparent";

  /// The log's generation. With [#COMMIT_LSN] and [#SEQ] it is the place of a change in the order
  /// of all: LSNs begin anew where a database was restored or replaced.
  public static final String GENERATION = "generation";

  /// The bytes of a row that was too large: such a record has its key and small columns only.
  public static final String OVERSIZE = "oversize";

  /// Why a record of a dead-letter topic is there, for people.
  public static final String CAUSE = "cause";

  /// On a record that a replay wrote: the replay's name. What it asks for has been done once, so no
  /// side effect may follow from it.
  public static final String REPLAYED = "replayed";

  /// In the place of a value that was erased: when, ISO 8601. The record has its key and no value.
  public static final String ERASED = "erased";

  private Headers() {}

  /// The text of a header, or null where the record does not have it.
  public static @Nullable String text(org.apache.kafka.common.header.Headers headers, String name) {
    Header header = headers.lastHeader(name);
    return header == null || header.value() == null ? null : new String(header.value(), UTF_8);
  }
}
