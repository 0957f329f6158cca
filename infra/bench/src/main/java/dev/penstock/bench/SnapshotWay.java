package dev.penstock.bench;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import org.postgresql.PGConnection;

/// Initial sync of a whole table by a client that only counts, and `COPY … TO STDOUT` of the same
/// rows: faster than Postgres hands them over it cannot be.
final class SnapshotWay implements Way {
  static final String CPU = "CPU per row";
  static final String HEAP = "heap afterwards";
  static final String BYTES = "bytes per row";

  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private final Rig rig;
  private final Service shapes;

  SnapshotWay(Stand stand) throws Exception {
    rig = stand.rig();
    int warm = stand.size().of(500, 20_000, 50_000);
    create(warm);
    for (int rows : rows(stand.size())) {
      create(rows);
    }
    rig.bridge();
    shapes = rig.shapes(Map.of());
    rig.ready();
    var _ = read(warm);
  }

  private void create(int rows) throws SQLException {
    rig.sql("create table bulk_%d (id int primary key, part text, body text)".formatted(rows));
    rig.sql(
        "insert into bulk_%d select i, 'p' || i %% 50, repeat('x', 100) from generate_series(1, %d) i"
            .formatted(rows, rows));
    rig.sql("alter table bulk_%d replica identity full".formatted(rows));
    rig.publish("bulk_" + rows);
  }

  static int[] rows(Size size) {
    return switch (size) {
      case SMOKE -> new int[] {1_000, 5_000};
      case SHORT -> new int[] {100_000, 300_000};
      case FULL -> new int[] {100_000, 1_000_000};
    };
  }

  static String subject(String who, int rows) {
    return "%s, %,d rows".formatted(who, rows);
  }

  @Override
  public void round(Results results) throws Exception {
    for (int rows : rows(rig.stand().size())) {
      copy(rows, results);
      sync(rows, results);
      results.add(
          Ways.SNAPSHOT.id(),
          subject(FanOut.SERVER, rows),
          HEAP,
          "MB",
          shapes.probe().liveHeap() / 1e6);
    }
  }

  private void copy(int rows, Results results) throws Exception {
    Counting count = new Counting();
    long began = System.nanoTime();
    try (Connection connection = rig.connect()) {
      connection
          .unwrap(PGConnection.class)
          .getCopyAPI()
          .copyOut("copy bulk_" + rows + " to stdout", count);
    }
    add("COPY", rows, (System.nanoTime() - began) / 1e9, count.bytes, results);
  }

  private void sync(int rows, Results results) throws Exception {
    double cpu = shapes.cpuSeconds();
    Own.Share share = new Own.Share();
    long bytes = read(rows);
    double seconds = share.seconds();
    double cores = share.cores();
    add(FanOut.SERVER, rows, seconds, bytes, results);
    results.add(
        Ways.SNAPSHOT.id(),
        subject(FanOut.SERVER, rows),
        CPU,
        "µs",
        (shapes.cpuSeconds() - cpu) * 1e6 / rows);
    results.generator(
        new Generator(
            Ways.SNAPSHOT.id(),
            subject("client", rows),
            cores,
            bytes / 1e6 / seconds,
            most(bytes),
            "MB/s",
            "as many bytes of a null server"));
  }

  /// MB/s of a server that has nothing to do for them.
  private double most(long bytes) throws Exception {
    URI bulk = URI.create(rig.stand().nothing().url() + "/bytes/" + bytes);
    long began = System.nanoTime();
    try (InputStream body =
        CLIENT
            .send(HttpRequest.newBuilder(bulk).build(), HttpResponse.BodyHandlers.ofInputStream())
            .body()) {
      body.transferTo(new Counting());
    }
    return bytes / 1e6 / ((System.nanoTime() - began) / 1e9);
  }

  /// Follows the table's shape until it is up to date; the bytes of the bodies.
  private long read(int rows) throws Exception {
    Counting count = new Counting();
    String position = "&offset=-1";
    boolean upToDate = false;
    while (!upToDate) {
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create(shapes.url() + "/v1/shape?table=bulk_" + rows + position))
              .build();
      HttpResponse<InputStream> response =
          CLIENT.send(request, HttpResponse.BodyHandlers.ofInputStream());
      if (response.statusCode() != 200) {
        throw new IllegalStateException("snapshot: " + response.statusCode());
      }
      try (InputStream body = response.body()) {
        body.transferTo(count);
      }
      upToDate = response.headers().firstValue("electric-up-to-date").isPresent();
      position =
          "&offset=%s&handle=%s"
              .formatted(
                  response.headers().firstValue("electric-offset").orElseThrow(),
                  response.headers().firstValue("electric-handle").orElseThrow());
    }
    if (count.bytes < 100L * rows) {
      throw new IllegalStateException("the snapshot was cut: " + count.bytes + " bytes");
    }
    return count.bytes;
  }

  private static void add(String who, int rows, double seconds, long bytes, Results results) {
    results.add(Ways.SNAPSHOT.id(), subject(who, rows), "time", "s", seconds);
    results.add(Ways.SNAPSHOT.id(), subject(who, rows), BYTES, "B", (double) bytes / rows);
  }

  private static final class Counting extends OutputStream {
    private long bytes;

    @Override
    public void write(int b) {
      bytes++;
    }

    @Override
    public void write(byte[] b, int off, int len) {
      bytes += len;
    }
  }

  @Override
  public void close() {
    rig.close();
  }
}
