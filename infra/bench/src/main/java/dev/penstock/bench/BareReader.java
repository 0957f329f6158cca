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

  /// Runs until it is killed. Arguments: JDBC URL, slot, publication, bootstrap servers, topic.
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
            "0",
            "batch.size",
            Integer.getInteger("batch", 128 << 10),
            "compression.type",
            System.getProperty("compression", "none"));
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
                .withAutomaticFlush(false)
                .withStatusInterval(1, TimeUnit.SECONDS)
                .withSlotOption("proto_version", "1")
                .withSlotOption("publication_names", "\"" + args[2] + "\"")
                .start()) {
      AtomicReference<@Nullable Exception> failed = new AtomicReference<>();
      System.out.println("READY");
      byte[] xid = new byte[4];
      long confirmed = System.nanoTime();
      while (failed.get() == null) {
        ByteBuffer message = stream.readPending();
        if (message == null) {
          producer.flush();
          stream.setFlushedLSN(stream.getLastReceiveLSN());
          stream.forceUpdateStatus();
          message = Objects.requireNonNull(stream.read());
        }
        switch (message.get(message.position())) {
          case 'B' -> message.get(message.position() + 17, xid);
          case 'I', 'U', 'D' -> {
            byte[] value = new byte[4 + message.remaining()];
            System.arraycopy(xid, 0, value, 0, 4);
            message.get(message.position(), value, 4, message.remaining());
            var _ =
                producer.send(
                    new ProducerRecord<>(args[4], 0, null, value),
                    (_, error) -> {
                      if (error != null) {
                        failed.set(error);
                      }
                    });
          }
          case 'C' -> {
            LogSequenceNumber end =
                LogSequenceNumber.valueOf(message.getLong(message.position() + 10));
            if (System.nanoTime() - confirmed > 1_000_000_000) {
              producer.flush();
              stream.setFlushedLSN(end);
              stream.forceUpdateStatus();
              confirmed = System.nanoTime();
            }
          }
          default -> {}
        }
      }
      throw Objects.requireNonNull(failed.get());
    }
  }
}
