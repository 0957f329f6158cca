package dev.penstock.stack;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.testcontainers.junit.jupiter.Testcontainers;

@Tag("docker")
@Testcontainers(disabledWithoutDocker = true)
final class ContainerStackTest extends StackContract {
  private static @Nullable ContainerStack stack;

  @BeforeAll
  static void start() {
    stack = ContainerStack.start();
  }

  @AfterAll
  static void stop() {
    requireNonNull(stack).close();
  }

  @Override
  Stack stack() {
    return requireNonNull(stack);
  }
}
