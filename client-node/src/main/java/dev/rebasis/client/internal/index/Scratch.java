package dev.rebasis.client.internal.index;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.WriteBuffer;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FileUtils;

/**
 * A file for what does not fit into the heap while an index is made; it means nothing afterwards and is deleted. Made
 * when it is first written to. Confined.
 */
final class Scratch implements AutoCloseable {
  private static final int BUFFER_BYTES = 64 << 10;

  private final String file;
  private final WriteBuffer buffer = new WriteBuffer(BUFFER_BYTES);
  private FileChannel channel; // null until something is written
  private long size;

  /**
   * Names the file.
   *
   * @param file as H2 names files; one that is there already is left over from a crash and overwritten
   */
  Scratch(String file) {
    this.file = file;
  }

  /** For what is to be appended next, by whoever writes: there is one, so that many small pieces do not need one each. */
  WriteBuffer buffer() {
    return buffer;
  }

  /** Appends what is left in the buffer and gives the place where it begins. */
  long append(ByteBuffer bytes) {
    long begin = size;
    try {
      if (channel == null) {
        channel = FilePath.get(file).open("rw");
        channel.truncate(0);
      }
      while (bytes.hasRemaining()) {
        size += channel.write(bytes, size);
      }
      return begin;
    } catch (IOException e) {
      throw failed(DataUtils.ERROR_WRITING_FAILED, e);
    }
  }

  /** Fills the buffer from a place on. */
  void read(long from, ByteBuffer into) {
    try {
      DataUtils.readFully(channel, from, into);
    } catch (MVStoreException e) {
      throw failed(DataUtils.ERROR_READING_FAILED, e);
    }
  }

  private MVStoreException failed(int code, Exception cause) {
    return DataUtils.newMVStoreException(code, "The scratch file {0} of the index cannot be used", file, cause);
  }

  @Override
  public void close() {
    if (channel == null) {
      return;
    }
    try (FileChannel ending = channel) {
      channel = null;
      ending.truncate(0);
    } catch (IOException e) {
      throw failed(DataUtils.ERROR_WRITING_FAILED, e);
    }
    FileUtils.delete(file);
  }
}
