package dev.penstock.command;

import dev.penstock.management.Drain;
import java.util.Map;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/// Whether a command could be written now: 200, or 503 within the waits for connection and
/// statement; 503 too while the service drains.
@RestController
final class HealthController {
  private final JdbcClient database;
  private final Drain drain;

  HealthController(JdbcClient database, Drain drain) {
    this.database = database;
    this.drain = drain;
  }

  @GetMapping("/health")
  ResponseEntity<Map<String, String>> health() {
    if (drain.isBegun()) {
      return down();
    }
    try {
      database.sql("select 1").query(Integer.class).single();
      return ResponseEntity.ok(Map.of("status", "UP"));
    } catch (DataAccessException e) {
      return down();
    }
  }

  private static ResponseEntity<Map<String, String>> down() {
    return ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE).body(Map.of("status", "DOWN"));
  }
}
