package dev.penstock.stack;

import java.util.HashMap;
import java.util.Map;

final class PostgresSettings {
  private PostgresSettings() {}

  /// Durable as in production, and ready for logical decoding.
  static Map<String, String> with(int port, Map<String, String> settings) {
    Map<String, String> all = new HashMap<>();
    all.put("port", Integer.toString(port));
    all.put("listen_addresses", "127.0.0.1");
    // A socket in /tmp would have a lock file of its own, which a SIGKILL leaves behind.
    all.put("unix_socket_directories", "");
    all.putAll(LOGICAL);
    all.putAll(settings);
    return Map.copyOf(all);
  }

  /// What Penstock needs of any Postgres; `wal_sender_timeout` bounds how long a dead bridge holds
  /// its slot.
  static final Map<String, String> LOGICAL =
      Map.ofEntries(
          Map.entry("wal_level", "logical"),
          Map.entry("fsync", "on"),
          Map.entry("full_page_writes", "on"),
          Map.entry("synchronous_commit", "on"),
          Map.entry("max_wal_senders", "20"),
          Map.entry("max_replication_slots", "20"),
          Map.entry("max_connections", "200"),
          Map.entry("wal_sender_timeout", "5s"),
          Map.entry("track_commit_timestamp", "on"),
          Map.entry("shared_buffers", "64MB"));
}
