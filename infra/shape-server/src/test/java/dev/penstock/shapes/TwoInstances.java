package dev.penstock.shapes;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.context.ConfigurableApplicationContext;

/// Two shape-servers with settings of their own, one of which can be replaced at a time.
final class TwoInstances implements AutoCloseable {
  private final TestShapes stack;
  private final Random random;
  private final List<ConfigurableApplicationContext> contexts = new ArrayList<>();
  private final List<Client> clients = new CopyOnWriteArrayList<>();
  private int restarts;

  TwoInstances(TestShapes stack, Random random) {
    this.stack = stack;
    this.random = random;
    for (int i = 0; i < 2; i++) {
      ConfigurableApplicationContext context = stack.server(settings());
      contexts.add(context);
      clients.add(TestShapes.client(context));
    }
  }

  /// Small bounds, so that every way through the log is taken.
  private Map<String, Object> settings() {
    Map<String, Object> settings = new HashMap<>();
    settings.put("long-poll", "300ms");
    settings.put("sse-duration", "500ms");
    settings.put("chunk-bytes", 20_000);
    if (random.nextBoolean()) {
      settings.put("window-bytes", random.nextBoolean() ? 1 : 20_000);
      settings.put("feed-bytes", random.nextBoolean() ? 1 : 5_000);
    }
    if (random.nextBoolean()) {
      settings.put("replay-bytes", 0);
    }
    return settings;
  }

  /// Where they are now; one of them may have gone.
  List<Client> clients() {
    return clients;
  }

  int restarts() {
    return restarts;
  }

  void restartOne() {
    int which = random.nextInt(contexts.size());
    contexts.get(which).close();
    ConfigurableApplicationContext next = stack.server(settings());
    contexts.set(which, next);
    clients.set(which, TestShapes.client(next));
    restarts++;
  }

  @Override
  public void close() {
    contexts.forEach(ConfigurableApplicationContext::close);
  }
}
