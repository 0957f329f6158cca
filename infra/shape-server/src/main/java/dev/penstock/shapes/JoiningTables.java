package dev.penstock.shapes;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.penstock.shapes.snapshot.Discovery;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/// What lazy discovery needs of its own: connections that may write, and threads that may wait for
/// locks, so that no snapshot waits behind them.
final class JoiningTables implements AutoCloseable {
  private static final int AT_ONCE = 4;
  private static final int WAITING = 1_000;

  private final HikariDataSource dataSource;
  private final Scheduler scheduler =
      Schedulers.newBoundedElastic(AT_ONCE, WAITING, "shapes-discovery", 30, true);
  private final Discovery discovery;

  JoiningTables(ShapesProperties properties) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("shapes-discovery");
    config.setJdbcUrl(properties.databaseUrl());
    config.setUsername(properties.databaseUser());
    config.setPassword(properties.databasePassword());
    config.setMaximumPoolSize(AT_ONCE);
    config.setMinimumIdle(0);
    config.setIdleTimeout(10_000);
    config.setConnectionTimeout(5_000);
    config.setInitializationFailTimeout(-1);
    config.addDataSourceProperty("ApplicationName", "penstock-shapes-discovery");
    dataSource = new HikariDataSource(config);
    discovery =
        new Discovery(
            dataSource,
            properties.publication(),
            properties.discoveryLockTimeout(),
            properties.patience(),
            scheduler);
  }

  Discovery discovery() {
    return discovery;
  }

  @Override
  public void close() {
    scheduler.dispose();
    dataSource.close();
  }
}
