package dev.penstock.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.penstock.stack.TestStack;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class MigrateTest {
  @Test
  void migratesAndSetsThePasswordsOfTheServicesRolesSoThatNoStatementShowsThem() throws Exception {
    String url = TestStack.newDatabase();
    String slot = "m" + UUID.randomUUID().toString().replace("-", "");
    Map<String, String> environment =
        Map.of(
            "PENSTOCK_DATABASE_URL", url,
            "PENSTOCK_BRIDGE_SLOT", slot,
            "PENSTOCK_GATEWAY_DATABASE_PASSWORD", "it's-ours");
    try {
      Migrate.run(environment);
      Migrate.run(environment);
      assertThat(text(url, "select rolpassword from pg_authid where rolname = 'penstock_gateway'"))
          .startsWith("SCRAM-SHA-256$");
      assertThat(
              text(
                  url,
                  "select slot_name from pg_replication_slots where slot_name = '" + slot + "'"))
          .isEqualTo(slot);
    } finally {
      text(url, "select pg_drop_replication_slot('" + slot + "')::text");
      // The cluster is other tests', too.
      forgetPassword(url);
    }
  }

  @Test
  void saysWhichSettingIsMissing() {
    assertThatThrownBy(() -> Migrate.run(Map.of())).hasMessageContaining("PENSTOCK_DATABASE_URL");
  }

  @Test
  void aProbeIsHealthyWhereTheAddressAnswersWell() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/up", exchange -> exchange.sendResponseHeaders(200, -1));
    server.createContext("/starting", exchange -> exchange.sendResponseHeaders(202, -1));
    server.createContext("/down", exchange -> exchange.sendResponseHeaders(503, -1));
    server.start();
    String address = "http://127.0.0.1:" + server.getAddress().getPort();
    assertThat(Probe.isHealthy(address + "/up")).isTrue();
    assertThat(Probe.isHealthy(address + "/starting")).isFalse();
    assertThat(Probe.isHealthy(address + "/down")).isFalse();
    server.stop(0);
    assertThat(Probe.isHealthy(address + "/up")).isFalse();
  }

  private static void forgetPassword(String url) throws SQLException {
    try (var connection = DriverManager.getConnection(url);
        var statement = connection.createStatement()) {
      statement.execute("alter role penstock_gateway password null");
    }
  }

  private static String text(String url, String sql) throws SQLException {
    try (var connection = DriverManager.getConnection(url);
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      return rows.next() ? rows.getString(1) : "";
    }
  }
}
