package dev.penstock.local;

import dev.penstock.bridge.BridgeStatus;
import java.util.concurrent.CompletableFuture;
import org.springframework.context.ConfigurableApplicationContext;

/// A service that was started and is ready.
sealed interface Instance extends AutoCloseable permits Instance.InThisJvm, ServiceProcess {
  /// Where it serves, 0 if it serves nobody.
  int port();

  /// Completes when this bridge has the lead; fails with the reason if it cannot get it.
  CompletableFuture<Void> leads();

  @Override
  void close();

  /// As a Spring context beside the launcher.
  record InThisJvm(ConfigurableApplicationContext context) implements Instance {
    @Override
    public int port() {
      return context.getEnvironment().getProperty("local.server.port", Integer.class, 0);
    }

    @Override
    public CompletableFuture<Void> leads() {
      return Readiness.leads(context.getBean(BridgeStatus.class));
    }

    @Override
    public void close() {
      context.close();
    }
  }
}
