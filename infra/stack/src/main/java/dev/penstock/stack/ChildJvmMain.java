package dev.penstock.stack;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;

/// Runs another main class, and ends at the end of standard input, which the kernel closes when the
/// parent dies in whatever way.
final class ChildJvmMain {
  private ChildJvmMain() {}

  public static void main(String[] arguments) throws Throwable {
    Thread.ofPlatform().daemon().name("parent-watch").start(ChildJvmMain::dieWithParent);
    String[] rest = Arrays.copyOfRange(arguments, 1, arguments.length);
    try {
      Method main = Class.forName(arguments[0]).getDeclaredMethod("main", String[].class);
      main.setAccessible(true);
      main.invoke(null, (Object) rest);
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }

  private static void dieWithParent() {
    try {
      while (System.in.read() != -1) {
        // Nothing is ever said on it.
      }
    } catch (IOException e) {
      // As good as the end.
    }
    Runtime.getRuntime().halt(1);
  }
}
