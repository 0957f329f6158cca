package dev.penstock.command.txid;

import dev.penstock.contracts.log.Lsn;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/// What Postgres knows of a transaction.
///
/// A 32-bit txid comes again after 2³² transactions; meant is the latest, which is of the present
/// epoch or of the one before.
record CommandRows(JdbcClient jdbc) {
  private static final String IN_THE_FUTURE = "22023";

  private static final String CANDIDATES =
      """
      with now as (
        select pg_snapshot_xmax(pg_current_snapshot())::text::bigint as next
      ), candidates as (
        select ((((next >> 32) - back) << 32) | :txid)::text::xid8 as xid, next
        from now, generate_series(0, least(1, next >> 32)) as back
      )
      """;

  /// @param owner null for anyone's
  Optional<CommandRow> find(long txid, @Nullable String owner) {
    return jdbc.sql(
            CANDIDATES
                + """
                select c.txid::text, c.kind, c.request_id, c.owner, c.created_at,
                  case when current_setting('track_commit_timestamp') = 'on'
                    then pg_xact_commit_timestamp(c.txid::xid) end,
                  pg_current_wal_insert_lsn()::text, c.accepted_at
                from candidates join commands c on c.txid = candidates.xid
                where cast(:owner as text) is null or c.owner = :owner
                order by c.txid desc limit 1
                """)
        .param("txid", txid)
        .param("owner", owner)
        .query((row, number) -> {
          OffsetDateTime committed = row.getObject(6, OffsetDateTime.class);
          OffsetDateTime accepted = row.getObject(8, OffsetDateTime.class);
          return new CommandRow(
              Long.parseUnsignedLong(row.getString(1)),
              row.getString(2),
              row.getObject(3, UUID.class),
              row.getString(4),
              accepted == null ? null : accepted.toInstant(),
              row.getObject(5, OffsetDateTime.class).toInstant(),
              committed == null ? null : committed.toInstant(),
              Lsn.parse(row.getString(7)));
        })
        .optional();
  }

  /// `in progress`, `aborted` or `committed` of the latest transaction with this txid; empty where
  /// Postgres does not know it any more, or not yet.
  Optional<String> status(long txid) {
    try {
      return jdbc.sql(
              CANDIDATES
                  + """
                  select coalesce(pg_xact_status(xid), '') from (
                    select xid from candidates where xid::text::bigint < next + :ahead
                    order by xid desc limit 1) latest
                  """)
          .param("txid", txid)
          // The snapshot ends at the last one that is over; those that run are behind it.
          .param("ahead", 1L << 30)
          .query(String.class)
          .optional()
          .filter(status -> !status.isEmpty());
    } catch (DataAccessException e) {
      if (e.getMostSpecificCause() instanceof SQLException sql
          && IN_THE_FUTURE.equals(sql.getSQLState())) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /// Whether one of these conversations is the owner's.
  boolean ownsAny(String owner, Collection<UUID> conversations) {
    return !conversations.isEmpty()
        && jdbc.sql(
                "select exists (select from conversations where id in (:ids) and owner = :owner)")
            .param("ids", conversations)
            .param("owner", owner)
            .query(Boolean.class)
            .single();
  }
}
