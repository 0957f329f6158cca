package dev.penstock.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.event.KeyValuePair;
import tools.jackson.databind.json.JsonMapper;

/// Text by its pattern, or with the format `json` one object a line, with the keys of Spring Boot's
/// `logstash`, which the services use where no launcher starts them: `@timestamp`, `level`,
/// `logger_name`, `thread_name`, `message`, `stack_trace`, and the event's own keys such as `txid`.
///
/// Public since logback makes it by its name.
public final class LogLines extends PatternLayoutEncoder {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private boolean json;

  /// Called by logback.
  ///
  /// @param format `text` or `json`
  public void setFormat(String format) {
    json = format.equals("json");
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    return json ? object(event) : super.encode(event);
  }

  private static byte[] object(ILoggingEvent event) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("@timestamp", event.getInstant().toString());
    line.put("level", event.getLevel().toString());
    line.put("logger_name", event.getLoggerName());
    line.put("thread_name", event.getThreadName());
    line.put("message", event.getFormattedMessage());
    event.getMDCPropertyMap().forEach(line::putIfAbsent);
    if (event.getKeyValuePairs() != null) {
      for (KeyValuePair pair : event.getKeyValuePairs()) {
        line.putIfAbsent(pair.key, pair.value instanceof Number n ? n : String.valueOf(pair.value));
      }
    }
    IThrowableProxy thrown = event.getThrowableProxy();
    if (thrown != null) {
      line.put("stack_trace", ThrowableProxyUtil.asString(thrown));
    }
    return (JSON.writeValueAsString(line) + "\n").getBytes(UTF_8);
  }
}
