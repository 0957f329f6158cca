package dev.penstock.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.internal.PlatformDependent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.context.ConfigurableApplicationContext;

/// A gateway in a JVM of its own that can be asked what it holds in memory. It ends with its input.
final class GatewayProcess implements AutoCloseable {
  private static final int HEAP_MIB = 512;

  private final Process process;
  private final BufferedReader out;
  private final PrintStream in;
  private final int port;

  /// In bytes, after a full collection.
  record Memory(long heap, long direct) {
    long total() {
      return heap + direct;
    }
  }

  GatewayProcess(Map<String, Object> properties) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + HEAP_MIB + "m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                GatewayProcess.class.getName()));
    properties.forEach((key, value) -> command.add(key + "=" + value));
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    in = new PrintStream(process.getOutputStream(), true, UTF_8);
    port = (int) answer("port")[0];
  }

  public static void main(String[] arguments) throws IOException {
    Map<String, Object> properties = new HashMap<>();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      properties.put(argument.substring(0, equals), argument.substring(equals + 1));
    }
    try (ConfigurableApplicationContext context = GatewayApplication.start(properties);
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
      System.out.println("port " + context.getEnvironment().getProperty("local.server.port"));
      Gauge readers =
          context.getBean(MeterRegistry.class).get("penstock.gateway.shapes.readers").gauge();
      for (String question = questions.readLine();
          question != null;
          question = questions.readLine()) {
        System.out.println(
            question.equals("readers") ? "readers " + (long) readers.value() : memoryNow());
      }
    }
  }

  private static String memoryNow() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return "memory %d %d"
        .formatted(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(), direct());
  }

  private static long direct() {
    long pools =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
    return Math.max(pools, PlatformDependent.usedDirectMemory());
  }

  int port() {
    return port;
  }

  Memory memory() throws IOException {
    in.println("memory");
    long[] numbers = answer("memory");
    return new Memory(numbers[0], numbers[1]);
  }

  /// Requests to `/shape` that are being answered.
  long readers() throws IOException {
    in.println("readers");
    return answer("readers")[0];
  }

  private long[] answer(String word) throws IOException {
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith(word + " ")) {
        String[] numbers = line.substring(word.length() + 1).split(" ", -1);
        long[] values = new long[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
          values[i] = Long.parseLong(numbers[i]);
        }
        return values;
      }
    }
    throw new IOException("the gateway process ended");
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
