package dev.penstock.bench;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/// What the bridge is compared with: the least that brings rows from a slot into Kafka. A row's
/// message is a record's value behind the transaction's xid; nothing is decoded, framed, claimed or
/// routed.
final class BareReader {
  private BareReader() {}

  /// Runs until it is killed. Arguments: JDBC URL, slot, publication, bootstrap servers, topic,
  /// milliseconds that a row waits for others.
  public static void main(String[] args) throws Exception {
    Properties properties = new Properties();
    properties.put("user", "postgres");
    properties.put("replication", "database");
    properties.put("preferQueryMode", "simple");
    properties.put("assumeMinServerVersion", "10");
    Map<String, Object> config =
        Map.of(
            "bootstrap.servers",
            args[3],
            "acks",
            "all",
            "enable.idempotence",
            "true",
            "linger.ms",
            args[5],
            "batch.size",
            128 << 10);
    try (Connection connection = DriverManager.getConnection(args[0], properties);
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
        PGReplicationStream stream =
            connection
                .unwrap(PGConnection.class)
                .getReplicationAPI()
                .replicationStream()
                .logical()
                .withSlotName(args[1])
                // What the server says when nothing is published counts, too.
                .withAutomaticFlush(true)
                .withStatusInterval(1, TimeUnit.SECONDS)
                .withSlotOption("proto_version", "1")
                .withSlotOption("publication_names", "\"" + args[2] + "\"")
                .start()) {
      Sender sender = new Sender(producer, args[4], stream);
      System.out.println("READY");
      byte[] xid = new byte[4];
      byte @Nullable [] row = null;
      while (sender.failed.get() == null) {
        // Waits, but for no acknowledgement: else whoever catches up would send row by row.
        ByteBuffer message = Objects.requireNonNull(stream.read());
        switch (message.get(message.position())) {
          case 'B' -> message.get(message.position() + 17, xid);
          case 'I', 'U', 'D' -> {
            sender.send(row, null);
            row = new byte[4 + message.remaining()];
            System.arraycopy(xid, 0, row, 0, 4);
            message.get(message.position(), row, 4, message.remaining());
          }
          case 'C' -> {
            sender.send(row, LogSequenceNumber.valueOf(message.getLong(message.position() + 10)));
            row = null;
          }
          default -> {}
        }
      }
      throw Objects.requireNonNull(sender.failed.get());
    }
  }

  /// Confirms a transaction when its last row is acknowledged.
  private record Sender(
      KafkaProducer<byte[], byte[]> producer,
      String topic,
      PGReplicationStream stream,
      AtomicReference<@Nullable Exception> failed) {
    Sender(KafkaProducer<byte[], byte[]> producer, String topic, PGReplicationStream stream) {
      this(producer, topic, stream, new AtomicReference<>());
    }

    /// @param row null for none
    /// @param end of the transaction whose last row it is, else null
    void send(byte @Nullable [] row, @Nullable LogSequenceNumber end) {
      if (row == null) {
        return;
      }
      var _ =
          producer.send(
              new ProducerRecord<>(topic, 0, null, row),
              (_, error) -> {
                if (error != null) {
                  failed.set(error);
                } else if (end != null) {
                  stream.setFlushedLSN(end);
                }
              });
    }
  }
}
