package dev.penstock.gateway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/// A caching proxy of the usual kind before the gateway, with connections to it that are used
/// again.
final class Nginx implements AutoCloseable {
  private final Path directory;
  private final Process process;
  private final int port;

  /// @param rules of its cache, as nginx spells them
  Nginx(int gateway, String rules) {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    try {
      directory = Files.createTempDirectory("penstock-nginx");
      Path config = directory.resolve("nginx.conf");
      Files.writeString(
          config,
          """
          user root;
          daemon off;
          worker_processes 1;
          pid %1$s/pid;
          error_log %1$s/error.log;
          events { worker_connections 512; }
          http {
            access_log off;
            client_body_temp_path %1$s/body;
            proxy_temp_path %1$s/proxy;
            fastcgi_temp_path %1$s/f;
            uwsgi_temp_path %1$s/u;
            scgi_temp_path %1$s/s;
            large_client_header_buffers 8 32k;
            proxy_cache_path %1$s/cache keys_zone=c:1m;
            upstream gateway { server 127.0.0.1:%3$d; keepalive 8; }
            server {
              listen 127.0.0.1:%2$d;
              location / {
                proxy_pass http://gateway;
                proxy_http_version 1.1;
                proxy_set_header Connection "";
                proxy_cache c;
                proxy_cache_methods GET HEAD;
                add_header X-Cache $upstream_cache_status always;
                %4$s
              }
            }
          }
          """
              .formatted(directory, port, gateway, rules));
      process =
          new ProcessBuilder(program().orElseThrow().toString(), "-c", config.toString())
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("out").toFile())
              .start();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    Awaitility.await().atMost(Duration.ofSeconds(10)).until(this::listens);
  }

  static boolean isInstalled() {
    return program().isPresent();
  }

  private static Optional<Path> program() {
    return Stream.concat(
            Stream.of(System.getenv("PATH").split(java.io.File.pathSeparator, -1)),
            List.of("/usr/sbin", "/usr/local/sbin").stream())
        .map(directory -> Path.of(directory, "nginx"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  int port() {
    return port;
  }

  private boolean listens() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      try (Stream<Path> files = Files.walk(directory)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }
}
