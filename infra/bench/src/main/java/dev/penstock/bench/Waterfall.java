package dev.penstock.bench;

import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.Transaction;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/// The steps of commit → client, each by a timestamp of the program that takes it, for the same
/// changes.
///
/// Kafka's timestamps have a resolution of a millisecond and are one per record, so half of the
/// changes tell when the bridge handed them over and half when the broker appended them; a half is
/// added to each, and only their means are used.
final class Waterfall implements Way {
  private static final int RATE = 50;

  private final Rig rig;
  private final Random random;
  private final Path fetches;
  private final LogProgram log;
  private final Service shapes;
  private final Service gateway;

  /// Of [Instant] less [System#nanoTime].
  private final long epochNanos;

  Waterfall(Stand stand) throws Exception {
    rig = stand.rig();
    random = new Random(stand.options().seed());
    fetches = stand.directory().resolve(rig.name() + "-fetches");
    log = LogProgram.bridge(rig);
    rig.bridge();
    shapes = rig.shapes(Fetches.settings(fetches));
    gateway = rig.gateway(shapes.url(), "http://127.0.0.1:1");
    rig.ready();
    Instant now = Instant.now();
    epochNanos = now.getEpochSecond() * 1_000_000_000 + now.getNano() - System.nanoTime();
  }

  @Override
  public void round(Results results) throws Exception {
    Size size = rig.stand().size();
    int warm = RATE * size.of(1, 2, 5);
    int half = RATE * size.of(1, 3, 12);
    Changes changes = new Changes(warm + 2 * half);
    Connection connection = rig.connect();
    UUID conversation = Writer.conversations(connection, 1, "bench", random).getFirst();
    String token = Tokens.shape(gateway, "bench", conversation);
    try (Writer writer =
            new Writer(connection, "messages", List.of(conversation), changes, random.nextLong());
        LiveClients direct = new LiveClients();
        LiveClients through = new LiveClients();
        Arrivals arrivals = Arrivals.of(gateway, token)) {
      direct.add(List.of(Target.shape(shapes.url(), "messages", conversation, "")));
      through.add(List.of(Target.gateway(gateway, token)));
      writer.write(warm, RATE);
      through.await(warm);
      arrivals.await(warm - 1);
      LogProgram.clock(rig, log.topic(), "CreateTime");
      Own.Share share = new Own.Share();
      int handedOver = writer.write(half, RATE);
      direct.await(warm + half);
      LogProgram.clock(rig, log.topic(), "LogAppendTime");
      writer.write(half, RATE);
      direct.await(warm + 2 * half);
      through.await(warm + 2 * half);
      arrivals.await(handedOver + 2 * half - 1);
      double cores = share.cores();
      Breakdown breakdown =
          Stamps.breakdown(stamps(changes, handedOver, half, direct, through, arrivals));
      results.breakdown(breakdown);
      add(results, "sum of the steps' means", breakdown.sum());
      add(results, "mean from end to end", breakdown.total());
      results.generator(
          new Generator(
              Ways.WATERFALL.id(),
              "bare clients",
              cores,
              RATE * 2,
              rig.stand().mostAnswers(),
              "answers/s",
              "a null server; the npm client is a process of its own"));
    }
  }

  private static void add(Results results, String figure, double millis) {
    results.add(
        Ways.WATERFALL.id(), "insert to the row in the browser's collection", figure, "ms", millis);
  }

  private List<Stamps> stamps(
      Changes changes,
      int first,
      int half,
      LiveClients direct,
      LiveClients through,
      Arrivals arrivals)
      throws Exception {
    Map<Long, Long> offsets = offsets();
    Map<Long, Long> kafka = timestamps();
    Map<Long, Long> fetched = Fetches.read(fetches);
    long[] seenDirect = direct.firstSeen(first, 2 * half);
    long[] seenThrough = through.firstSeen(first, 2 * half);
    List<Stamps> all = new ArrayList<>();
    for (int i = 0; i < 2 * half; i++) {
      int change = first + i;
      long offset = offsets.getOrDefault(changes.txid(change), -1L);
      long stamp = kafka.getOrDefault(offset, 0L);
      all.add(
          new Stamps(
              changes.sent(change),
              changes.committed(change),
              i < half ? stamp : 0,
              i < half ? 0 : stamp,
              fetched.getOrDefault(offset, 0L),
              seenDirect[i],
              seenThrough[i],
              arrivals.at(change)));
    }
    return all;
  }

  /// By txid, the offset of the transaction's last record.
  private Map<Long, Long> offsets() throws Exception {
    long end = log.end();
    Map<Long, Long> offsets = new HashMap<>();
    try (LogReader reader = LogReader.fromBeginning(rig.kafka(), log.topic().topic())) {
      while (reader.nextOffset() < end) {
        for (var event : reader.poll(Duration.ofMillis(100))) {
          if (event instanceof Transaction transaction) {
            offsets.put(transaction.txid(), transaction.state().nextOffset() - 1);
          }
        }
      }
    }
    return offsets;
  }

  /// By offset, the middle of the millisecond of Kafka's timestamp.
  private Map<Long, Long> timestamps() throws Exception {
    long end = log.end();
    Map<Long, Long> times = new HashMap<>();
    try (KafkaConsumer<byte[], byte[]> consumer = log.consumer(0)) {
      while (consumer.position(log.topic()) < end) {
        for (var record : consumer.poll(Duration.ofMillis(100))) {
          times.put(record.offset(), record.timestamp() * 1_000_000 + 500_000 - epochNanos);
        }
      }
    }
    return times;
  }

  @Override
  public void close() {
    rig.close();
  }
}
