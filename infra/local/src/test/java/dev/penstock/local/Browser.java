package dev.penstock.local;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Debian's headless Chromium, driven by Playwright through the system's Node: each window has an
/// empty profile of its own.
final class Browser implements AutoCloseable {
  private static final List<String> ARGUMENTS =
      List.of(
          "--no-sandbox",
          "--disable-gpu",
          "--disable-quic",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync");

  private final Playwright playwright;
  private final com.microsoft.playwright.Browser chromium;

  /// Playwright looks for its driver once in a JVM.
  private static final class Driver {
    static final Path DIRECTORY = directory();

    private static Path directory() {
      try {
        Path directory = Files.createTempDirectory("penstock-playwright");
        directory.toFile().deleteOnExit();
        Path link =
            Files.createSymbolicLink(
                directory.resolve("package"),
                NodeClients.DIRECTORY
                    .resolve("node_modules")
                    .resolve("playwright-core")
                    .toAbsolutePath());
        link.toFile().deleteOnExit();
        return directory;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  Browser() {
    System.setProperty("playwright.cli.dir", Driver.DIRECTORY.toString());
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.put("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    environment.put("PLAYWRIGHT_NODEJS_PATH", onPath("node"));
    playwright = Playwright.create(new Playwright.CreateOptions().setEnv(environment));
    chromium =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(Path.of(onPath("chromium")))
                    .setArgs(ARGUMENTS));
  }

  /// Whether there is a Chromium to drive.
  static boolean isInstalled() {
    return Stream.of(System.getenv("PATH").split(java.io.File.pathSeparator))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, "chromium")));
  }

  /// A new person at a new browser.
  Page window(String initScript) {
    BrowserContext context =
        chromium.newContext(
            new com.microsoft.playwright.Browser.NewContextOptions().setViewportSize(1180, 760));
    context.setDefaultTimeout(20_000);
    if (!initScript.isEmpty()) {
      context.addInitScript(initScript);
    }
    return context.newPage();
  }

  @Override
  public void close() {
    chromium.close();
    playwright.close();
  }

  static String onPath(String program) {
    return Stream.of(System.getenv("PATH").split(java.io.File.pathSeparator))
        .map(directory -> Path.of(directory, program))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(program + " is not on the PATH"))
        .toString();
  }
}
