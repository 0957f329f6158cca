package dev.penstock.shapes;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.LogOrigin;
import dev.penstock.contracts.log.LogTopic;
import dev.penstock.contracts.log.LogWriter;
import dev.penstock.contracts.log.ReaderState;
import dev.penstock.contracts.log.Relation;
import dev.penstock.contracts.log.ResumePoint;
import dev.penstock.contracts.log.Tuple;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/// The smallest honest bridge: reads a slot and writes the log. Not exactly-once over a restart.
final class Pump implements AutoCloseable {
  private final String jdbcUrl;
  private final String slot;
  private final String publication;
  private final LogWriter writer;
  private final Map<Integer, Relation> relations = new HashMap<>();
  private final Thread thread;
  private volatile boolean reopen;
  private volatile boolean reclaim;
  private volatile boolean closed;
  private volatile @Nullable Exception failure;
  private final LogOrigin origin;
  private UUID generation = new UUID(0, 0);
  private ResumePoint last = new ResumePoint(1, 0, 0);
  private boolean idle = true;
  private long xid;
  private long micros;

  Pump(String jdbcUrl, String bootstrap, String topic, String publication, String slot) {
    this.jdbcUrl = jdbcUrl;
    this.slot = slot;
    origin = new LogOrigin("a test", "1", 1, "test", slot, "topic", 1);
    this.publication = publication;
    Map<String, Object> kafka = Map.of("bootstrap.servers", bootstrap);
    try (Admin admin = Admin.create(kafka)) {
      LogTopic.create(admin, topic, (short) 1);
    }
    writer = new LogWriter(kafka, topic);
    open();
    thread = Thread.ofPlatform().name("pump").daemon().start(this::run);
  }

  /// Opens a new generation of the log.
  void reopen() {
    reopen = true;
    org.awaitility.Awaitility.await().until(() -> !reopen);
  }

  /// Renews the claim, as a leader does now and then.
  void reclaim() {
    reclaim = true;
    org.awaitility.Awaitility.await().until(() -> !reclaim);
  }

  private void open() {
    writer.claim("test pump");
    generation = writer.open(origin);
    last = new ResumePoint(origin.startLsn(), 0, 0);
  }

  private void repeatRelations() {
    relations.replaceAll((_, relation) -> writer.append(relation));
  }

  private void run() {
    Properties properties = new Properties();
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "10");
    PGProperty.REPLICATION.set(properties, "database");
    PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
    try (Connection replication = DriverManager.getConnection(jdbcUrl, properties);
        Connection catalog = DriverManager.getConnection(jdbcUrl)) {
      try (Statement session = replication.createStatement()) {
        session.execute("set timezone = 'UTC'");
        session.execute("set datestyle = 'ISO, DMY'");
        session.execute("set intervalstyle = 'iso_8601'");
        session.execute("set bytea_output = 'hex'");
        session.execute("set extra_float_digits = 1");
      }
      PGReplicationStream stream =
          replication
              .unwrap(PGConnection.class)
              .getReplicationAPI()
              .replicationStream()
              .logical()
              .withSlotName(slot)
              .withSlotOption("proto_version", "1")
              .withSlotOption("messages", "true")
              .withSlotOption("publication_names", publication)
              .start();
      while (!closed) {
        if (reopen) {
          open();
          repeatRelations();
          reopen = false;
        }
        if (reclaim && idle) {
          long epoch = writer.claim("test pump");
          writer.resume(
              new ReaderState(epoch + 1, generation, epoch, 0, writer.number(), last), origin);
          repeatRelations();
          reclaim = false;
        }
        ByteBuffer message = stream.readPending();
        if (message == null) {
          Thread.sleep(1);
          continue;
        }
        handle(message, catalog);
        LogSequenceNumber last = stream.getLastReceiveLSN();
        stream.setFlushedLSN(last);
        stream.setAppliedLSN(last);
      }
    } catch (Exception e) {
      failure = e;
    }
  }

  private void handle(ByteBuffer in, Connection catalog) throws SQLException {
    switch (in.get()) {
      case 'B' -> {
        in.getLong();
        micros = in.getLong() + 946_684_800_000_000L;
        xid = Integer.toUnsignedLong(in.getInt());
        idle = false;
      }
      case 'C' -> {
        in.get();
        in.getLong();
        last = new ResumePoint(in.getLong(), xid, micros);
        writer.commit(last, false);
        idle = true;
      }
      case 'R' -> relation(in, catalog);
      case 'I' -> {
        Relation relation = relation(in);
        in.get();
        writer.add(new LogEntry.Insert(relation, tuple(in)));
      }
      case 'U' -> {
        Relation relation = relation(in);
        Tuple old = null;
        byte kind = in.get();
        if (kind != 'N') {
          old = tuple(in);
          in.get();
        }
        writer.add(new LogEntry.Update(relation, old, tuple(in)));
      }
      case 'D' -> {
        Relation relation = relation(in);
        in.get();
        writer.add(new LogEntry.Delete(relation, tuple(in)));
      }
      case 'T' -> {
        int count = in.getInt();
        byte options = in.get();
        List<Relation> truncated = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          truncated.add(relation(in));
        }
        writer.add(new LogEntry.Truncate(truncated, (options & 1) != 0, (options & 2) != 0));
      }
      case 'M' -> {
        in.get();
        in.getLong();
        String prefix = text(in);
        byte[] content = new byte[in.getInt()];
        in.get(content);
        writer.add(
            prefix.equals("penstock.ddl")
                ? new LogEntry.Ddl(new String(content, UTF_8))
                : new LogEntry.Message(prefix, content));
      }
      default -> {}
    }
  }

  private Relation relation(ByteBuffer in) {
    return java.util.Objects.requireNonNull(relations.get(in.getInt()));
  }

  private void relation(ByteBuffer in, Connection catalog) throws SQLException {
    int oid = in.getInt();
    String schema = text(in);
    String table = text(in);
    String identity = String.valueOf((char) in.get());
    int count = in.getShort();
    List<Relation.Column> columns = new ArrayList<>();
    List<String> key = key(catalog, oid);
    for (int i = 0; i < count; i++) {
      in.get();
      String name = text(in);
      long type = Integer.toUnsignedLong(in.getInt());
      int modifier = in.getInt();
      columns.add(new Relation.Column(name, type, modifier, "t", "b", 0, false, key.indexOf(name)));
    }
    relations.put(oid, writer.append(new Relation(-1, oid, schema, table, identity, columns)));
  }

  private static List<String> key(Connection catalog, int oid) throws SQLException {
    try (PreparedStatement statement =
        catalog.prepareStatement(
            "select a.attname from pg_index i cross join lateral unnest(i.indkey::int2[]) with ordinality k(n, o)"
                + " join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.n"
                + " where i.indrelid = ?::bigint::oid and i.indisprimary order by k.o")) {
      statement.setLong(1, Integer.toUnsignedLong(oid));
      List<String> names = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          names.add(rows.getString(1));
        }
      }
      return names;
    }
  }

  private static Tuple tuple(ByteBuffer in) {
    int count = in.getShort();
    Tuple.Builder builder = new Tuple.Builder(count);
    for (int i = 0; i < count; i++) {
      switch (in.get()) {
        case 'n' -> builder.addNull();
        case 'u' -> builder.addUnchanged();
        default -> {
          byte[] value = new byte[in.getInt()];
          in.get(value);
          builder.add(value);
        }
      }
    }
    return builder.build();
  }

  private static String text(ByteBuffer in) {
    int start = in.position();
    while (in.get() != 0) {}
    byte[] bytes = new byte[in.position() - start - 1];
    in.get(start, bytes);
    return new String(bytes, UTF_8);
  }

  @Nullable Exception failure() {
    return failure;
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(5_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    writer.close();
  }
}
