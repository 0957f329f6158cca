package dev.penstock.command;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.penstock.command.txid.TxidTracer;
import dev.penstock.contracts.trace.Spans;
import dev.penstock.management.Drain;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.servlet.ConfigurableServletWebServerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

@Configuration(proxyBeanMethods = false)
class CommandConfiguration {
  @Bean
  HikariDataSource dataSource(CommandProperties properties) {
    long statementMillis = properties.statementTimeout().toMillis();
    HikariConfig config = new HikariConfig();
    config.setPoolName("penstock-command");
    config.setJdbcUrl(properties.databaseUrl());
    config.setUsername(properties.databaseUser());
    config.setPassword(properties.databasePassword());
    config.setMaximumPoolSize(properties.maxConnections());
    config.setConnectionTimeout(properties.connectionWait().toMillis());
    config.setValidationTimeout(Math.min(1000, properties.connectionWait().toMillis()));
    // Starts without the database and answers 503 until it is there.
    config.setInitializationFailTimeout(-1);
    config.setAutoCommit(false);
    // Else the settings below are rolled back with the connection's first transaction.
    config.setIsolateInternalQueries(true);
    // The pipeline relies on it: each statement must see what was committed before it began.
    config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    config.setConnectionInitSql(
        "set statement_timeout = %d; set idle_in_transaction_session_timeout = %d"
            .formatted(statementMillis, 2 * statementMillis));
    config.addDataSourceProperty("ApplicationName", "penstock-command-service");
    config.addDataSourceProperty("connectTimeout", "2");
    // For a server that does not even end its statements.
    config.addDataSourceProperty("socketTimeout", Long.toString(statementMillis / 1000 + 2));
    config.addDataSourceProperty("tcpKeepAlive", "true");
    return new HikariDataSource(config);
  }

  @Bean
  CommandWriter commandWriter(HikariDataSource dataSource, CommandMetrics metrics) {
    return new CommandWriter(
        metrics,
        new JdbcTemplate(dataSource),
        new TransactionTemplate(new JdbcTransactionManager(dataSource)));
  }

  @Bean
  CommandController commandController(
      CommandWriter writer, CommandProperties properties, Spans spans) {
    return new CommandController(writer, properties, spans);
  }

  @Bean(destroyMethod = "close")
  Spans spans(@Value("${penstock.otlp-endpoint}") String endpoint) {
    return Spans.of("command-service", endpoint);
  }

  @Bean
  DeadLetterController deadLetterController(
      HikariDataSource dataSource, CommandWriter writer, CommandProperties properties) {
    return new DeadLetterController(
        new DeadLetters(
            JdbcClient.create(dataSource),
            new TransactionTemplate(new JdbcTransactionManager(dataSource))),
        writer,
        new Operators(properties.operatorClaim(), properties.operatorValue()));
  }

  @Bean(destroyMethod = "close")
  TxidTracer txidTracer(
      HikariDataSource dataSource, CommandProperties properties, MeterRegistry meters) {
    return new TxidTracer(JdbcClient.create(dataSource), properties.tracer(), meters);
  }

  @Bean
  TxidController txidController(TxidTracer tracer, CommandProperties properties) {
    return new TxidController(
        tracer, new Operators(properties.operatorClaim(), properties.operatorValue()));
  }

  @Bean
  HealthController healthController(HikariDataSource dataSource, Drain drain) {
    return new HealthController(JdbcClient.create(dataSource), drain);
  }

  @Bean
  ErrorResponses errorResponses() {
    return new ErrorResponses();
  }

  // Not server.port: one environment variable of that name would move every service of a JVM.
  @Bean
  WebServerFactoryCustomizer<ConfigurableServletWebServerFactory> address(
      CommandProperties properties) {
    return factory -> {
      factory.setPort(properties.port());
      try {
        factory.setAddress(InetAddress.getByName(properties.address()));
      } catch (UnknownHostException e) {
        throw new IllegalArgumentException(
            "penstock.command.address must name an address of this machine", e);
      }
    };
  }
}
