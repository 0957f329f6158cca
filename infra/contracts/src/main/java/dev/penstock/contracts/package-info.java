/// What Penstock's programs must agree on: topics and headers, events and their JSON Schemas, the
/// migrations and the txid. The log's records, with their one writer and one reader, are in
/// `dev.penstock.contracts.log`.
@NullMarked
package dev.penstock.contracts;

import org.jspecify.annotations.NullMarked;
