package dev.rebasis.client.internal.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a second opener out of a store and tells them who is in. The operating system's lock counts, not the file: it
 * goes with the process, so that a file left by a killed one blocks nobody. Confined to who opened the store.
 */
final class StoreLock implements AutoCloseable {
  /** For a store that no second process can reach. */
  static StoreLock none() {
    return new StoreLock(null);
  }

  // Beyond the text: Windows forbids others to read the bytes that are locked.
  private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

  private final FileChannel channel;

  private StoreLock(FileChannel channel) {
    this.channel = channel;
  }

  static StoreLock acquire(Path file, String store, String holder) {
    FileChannel channel = null;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (tryLock(channel) == null) {
        channel.close();
        throw StoreErrors.inUse(store, holderOf(file));
      }
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(holder.getBytes(StandardCharsets.UTF_8)));
      return new StoreLock(channel);
    } catch (IOException e) {
      closeQuietly(channel, e);
      throw StoreErrors.failed(store, "take its lock file", e);
    }
  }

  private static FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock(LOCKED_BYTE, 1, false);
    } catch (OverlappingFileLockException e) {
      // The same process holds it.
      return null;
    }
  }

  private static String holderOf(Path file) throws IOException {
    String text = Files.readString(file);
    return text.isBlank() ? "a program that did not say which" : text.strip();
  }

  private static void closeQuietly(FileChannel channel, IOException because) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        because.addSuppressed(e);
      }
    }
  }

  /** Lets others in. */
  @Override
  public void close() {
    if (channel == null || !channel.isOpen()) {
      return;
    }
    try {
      channel.truncate(0);
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the lock file could not be closed", e);
    }
  }
}
