package dev.penstock.stack;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// One owner per data directory, among JVMs and inside one. The kernel releases it when its owner
/// dies, however it dies.
final class DirectoryLock implements AutoCloseable {
  private static final String FILE = "penstock.lock";

  private final FileChannel channel;

  private DirectoryLock(FileChannel channel) {
    this.channel = channel;
  }

  /// Creates the directory where needed.
  static DirectoryLock take(Path directory) {
    FileChannel channel;
    try {
      Files.createDirectories(directory);
      channel =
          FileChannel.open(
              file(directory),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw StackException.unwritable(directory, e);
    }
    try {
      if (lock(channel) == null) {
        throw StackException.directoryInUse(directory, holder(directory));
      }
      channel.truncate(0);
      channel.write(
          ByteBuffer.wrap(
              Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)),
          0);
      return new DirectoryLock(channel);
    } catch (IOException e) {
      closeQuietly(channel, e);
      throw StackException.unwritable(directory, e);
    } catch (StackException e) {
      closeQuietly(channel, e);
      throw e;
    }
  }

  static Path file(Path directory) {
    return directory.resolve(FILE);
  }

  private static @Nullable FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static String holder(Path directory) {
    try {
      return " (pid " + Long.parseLong(Files.readString(file(directory)).strip()) + ")";
    } catch (IOException | NumberFormatException e) {
      return "";
    }
  }

  private static void closeQuietly(FileChannel channel, Exception reason) {
    try {
      channel.close();
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new StackException("The lock on the data directory could not be released.", e);
    }
  }
}
