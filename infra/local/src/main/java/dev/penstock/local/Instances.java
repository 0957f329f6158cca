package dev.penstock.local;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Starts each service as often as was asked for, in this JVM or as processes.
///
/// @param replicas of each service
/// @param processes whether each is a process of its own
/// @param logs where processes log
/// @param says hears of processes that ended by themselves
/// @param stopping whether nothing is to be started again
record Instances(
    int replicas, boolean processes, Path logs, Consumer<String> says, BooleanSupplier stopping) {

  /// All of one service, started at once; together they stop as fast as one.
  record Group(Service service, List<Instance> members) implements AutoCloseable {
    @Override
    public void close() {
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        members.forEach(member -> threads.execute(member::close));
      }
    }
  }

  Group start(Service service, Map<String, Object> properties) throws Exception {
    List<Future<Instance>> starting = new ArrayList<>();
    try (var threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
      for (int number = 1; number <= replicas; number++) {
        int n = number;
        starting.add(threads.submit(() -> one(service, n, properties)));
      }
    }
    List<Instance> members = new ArrayList<>();
    ExecutionException failure = null;
    for (Future<Instance> future : starting) {
      try {
        members.add(future.get());
      } catch (ExecutionException e) {
        failure = e;
      }
    }
    Group group = new Group(service, members);
    if (failure != null) {
      group.close();
      throw failure.getCause() instanceof Exception cause ? cause : failure;
    }
    return group;
  }

  private Instance one(Service service, int number, Map<String, Object> properties)
      throws IOException, InterruptedException {
    Map<String, Object> own = replicas == 1 ? properties : ofOne(properties, number);
    return processes
        ? new ServiceProcess(service, number, own, this).start()
        : new Instance.InThisJvm(service.start(own));
  }

  /// Each has a management port of its own: the one that is set, and those that follow.
  static Map<String, Object> ofOne(Map<String, Object> properties, int number) {
    Map<String, Object> own = new LinkedHashMap<>(properties);
    own.replaceAll((key, value) -> {
      if (!key.endsWith(".management-port")) {
        return value;
      }
      String port = value.toString();
      return port.matches("[1-9]\\d{0,4}") ? Integer.parseInt(port) + number - 1 : value;
    });
    return own;
  }
}
