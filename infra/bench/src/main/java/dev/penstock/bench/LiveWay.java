package dev.penstock.bench;

import java.sql.Connection;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;

/// From a commit's return to two live clients' reception of it: of a shape-server, of a gateway
/// before it, of two gateways before it (a client each), and of a real Electric.
final class LiveWay implements Way {
  private static final int RATE = 50;
  private static final int WARM_RATE = 200;
  private static final int CLIENTS = 2;

  private final Rig rig;
  private final Random random;
  private final Service shapes;
  private final List<Service> gateways;
  private final Optional<Electric> electric;

  LiveWay(Stand stand) throws Exception {
    Followed followed = stand.followed();
    rig = followed.rig();
    random = new Random(stand.options().seed());
    shapes = followed.shapes();
    gateways = followed.gateways();
    electric = Electric.of(stand.options());
  }

  @Override
  public void round(Results results) throws Exception {
    if (electric.isPresent()) {
      Electric other = electric.get();
      UUID conversation = new UUID(random.nextLong(), random.nextLong());
      run(
          "Electric",
          List.of(other.target(conversation), other.target(conversation)),
          other.connect(),
          Electric.TABLE,
          conversation,
          results);
    } else {
      results.missing("live: Electric", Electric.MISSING);
    }
    for (int through = 0; through <= gateways.size(); through++) {
      Connection connection = rig.connect();
      UUID conversation = Writer.conversations(connection, 1, "bench", random).getFirst();
      String subject =
          switch (through) {
            case 0 -> "shape-server";
            case 1 -> "through a gateway";
            default -> "through two gateways";
          };
      run(subject, targets(conversation, through), connection, "messages", conversation, results);
    }
  }

  private List<Target> targets(UUID conversation, int through) throws Exception {
    if (through == 0) {
      Target direct = Target.shape(shapes.url(), "messages", conversation, "");
      return List.of(direct, direct);
    }
    Service first = gateways.getFirst();
    Service second = gateways.get(through - 1);
    return List.of(
        Target.gateway(first, Tokens.shape(first, "bench", conversation)),
        Target.gateway(second, Tokens.shape(second, "bench", conversation)));
  }

  private void run(
      String subject,
      List<Target> targets,
      Connection connection,
      String table,
      UUID conversation,
      Results results)
      throws Exception {
    Size size = rig.stand().size();
    int warm = WARM_RATE * size.of(1, 1, 5);
    int count = RATE * size.of(1, 3, 10);
    Changes changes = new Changes(warm + count);
    try (Writer writer =
        new Writer(connection, table, List.of(conversation), changes, random.nextLong())) {
      Load.Outcome outcome =
          Load.run(targets, CLIENTS, writer::write, changes, () -> 0, warm, WARM_RATE, count, RATE);
      results.latencies(Ways.LIVE.id(), subject, outcome.latencies());
      results.generator(
          new Generator(
              Ways.LIVE.id(),
              subject,
              outcome.cores(),
              RATE * CLIENTS,
              rig.stand().mostAnswers(),
              "answers/s",
              "a null server"));
    }
  }

  @Override
  public void close() {}
}
