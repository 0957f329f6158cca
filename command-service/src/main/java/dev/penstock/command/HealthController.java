package dev.penstock.command;

import java.util.Map;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/// Whether a command could be written now: 200, or 503 within the waits for connection and
/// statement.
@RestController
final class HealthController {
  private final JdbcClient database;

  HealthController(JdbcClient database) {
    this.database = database;
  }

  @GetMapping("/health")
  ResponseEntity<Map<String, String>> health() {
    try {
      database.sql("select 1").query(Integer.class).single();
      return ResponseEntity.ok(Map.of("status", "UP"));
    } catch (DataAccessException e) {
      return ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE).body(Map.of("status", "DOWN"));
    }
  }
}
