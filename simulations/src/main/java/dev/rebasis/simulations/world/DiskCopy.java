package dev.rebasis.simulations.world;

import dev.rebasis.simulations.disk.SimDisk;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.h2.store.fs.FileUtils;

/** What was on a disk at one moment, as somebody copies the files of a program that does not run. Immutable. */
final class DiskCopy {
  private final Map<String, byte[]> files = new LinkedHashMap<>();

  /** Copies the files of a disk. */
  static DiskCopy of(SimDisk disk) {
    DiskCopy copy = new DiskCopy();
    for (String file : disk.files()) {
      try (InputStream in = FileUtils.newInputStream(disk.path(file))) {
        copy.files.put(file, in.readAllBytes());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return copy;
  }

  /** Puts them on a disk in the place of what is there. */
  void restoreTo(SimDisk disk) {
    disk.files().forEach(file -> FileUtils.delete(disk.path(file)));
    files.forEach((file, bytes) -> {
      try (OutputStream out = FileUtils.newOutputStream(disk.path(file), false)) {
        out.write(bytes);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
  }
}
