package dev.penstock.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class LogLinesTest {
  @Test
  void anEventIsOneLineWithFixedKeysAndItsOwn() {
    LoggerContext context = new LoggerContext();
    context.setMDCAdapter(new LogbackMDCAdapter());
    ListAppender<ILoggingEvent> events = new ListAppender<>();
    events.start();
    Logger logger = context.getLogger("dev.penstock.Some");
    logger.setLevel(Level.INFO);
    logger.addAppender(events);

    logger
        .atWarn()
        .addKeyValue("txid", 812L)
        .addKeyValue("topic", "penstock.log")
        .addKeyValue("message", "not mine")
        .setCause(new IllegalStateException("line one\nline two"))
        .log("the term is over");

    LogLines lines = new LogLines();
    lines.setFormat("json");
    String line = new String(lines.encode(events.list.getFirst()), UTF_8);
    assertThat(line).endsWith("\n").hasLineCount(1);
    JsonNode json = Api.JSON.readTree(line);
    assertThat(json.propertyNames())
        .containsExactly(
            "@timestamp",
            "level",
            "logger_name",
            "thread_name",
            "message",
            "txid",
            "topic",
            "stack_trace");
    assertThat(json.get("message").asString()).isEqualTo("the term is over");
    assertThat(json.get("txid").asLong()).isEqualTo(812);
    assertThat(json.get("stack_trace").asString()).contains("line two");
  }
}
