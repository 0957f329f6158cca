/// The write API: a command is one transaction and answers with that transaction's txid.
///
/// A write that was acknowledged is in Postgres, once, whatever is retried: repeating a command
/// answers with the first txid. The txid returned is the xid of the rows that the command wrote.
@NullMarked
package dev.penstock.command;

import org.jspecify.annotations.NullMarked;
