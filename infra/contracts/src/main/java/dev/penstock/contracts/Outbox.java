package dev.penstock.contracts;

/// Prefixes of `pg_logical_emit_message(true, prefix, content)`: a transactional outbox without a
/// table.
public final class Outbox {
  /// A [QuestionAsked], routed to [Topics#questions].
  public static final String QUESTIONS = "penstock.questions";

  /// What could not be answered, routed to [Topics#questionsDeadLetters]. Schema:
  /// `schemas/dead-letter.schema.json`; key `id`.
  public static final String DEAD_LETTERS = "penstock.dead-letters";

  /// Reserved: DDL, reported by the migrations' event trigger. Never routed.
  public static final String DDL = "penstock.ddl";

  /// Reserved: a canary, which the bridge's leader commits every few seconds and shape-servers look
  /// out for. In the log, never routed.
  public static final String HEARTBEAT = "penstock.heartbeat";

  /// Reserved: the first message of a transaction, its `traceparent`. Never routed as a message.
  public static final String TRACE = "penstock.trace";

  private Outbox() {}
}
