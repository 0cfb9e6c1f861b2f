package dev.rebasis.server.wiring;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.journal.Holder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Map;

/**
 * Lets one process at a time use a data folder. The operating system gives the lock back when the process ends,
 * however it ends; the file's text says who holds it. Thread-safe.
 */
final class FolderLock implements AutoCloseable {
  private static final Keyword IN_USE = Keyword.of(":rebasis.error/log-in-use");
  private static final Keyword UNUSABLE = Keyword.of(":rebasis.error/data-folder");

  // Beyond the text: Windows forbids others to read the bytes that are locked.
  private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Makes the folder if it is not there, and locks it.
   *
   * @throws RebasisException if the folder cannot be written, or another process (or another server of this one) has
   *     the lock; the message names the holder
   */
  static FolderLock acquire(Path folder) {
    try {
      Files.createDirectories(folder);
      FileChannel channel = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE,
          StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (tryLock(channel) == null) {
        String holder = read(channel);
        channel.close();
        throw new RebasisException(IN_USE, ErrorCategory.ASK_PERSON, "The data folder " + folder + " is in use by "
            + holder + ". Stop that server, or choose another folder with --data.");
      }
      channel.truncate(0);
      channel.write(StandardCharsets.UTF_8.encode(Holder.thisProcess(Instant.now())), 0);
      return new FolderLock(channel);
    } catch (IOException e) {
      throw new RebasisException(UNUSABLE, ErrorCategory.ASK_PERSON, "Cannot use the data folder " + folder + " ("
          + e.getClass().getSimpleName() + ": " + e.getMessage()
          + "). Choose a folder that this user can write, with --data.", Map.of(), e);
    }
  }

  private static FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock(LOCKED_BYTE, 1, false);
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(500);
    channel.read(text, 0);
    String holder = StandardCharsets.UTF_8.decode(text.flip()).toString();
    return holder.isEmpty() ? "another process" : holder;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new IllegalStateException("cannot give back the lock of the data folder", e);
    }
  }
}
