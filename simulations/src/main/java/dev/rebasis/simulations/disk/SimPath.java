package dev.rebasis.simulations.disk;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import org.h2.message.DbException;
import org.h2.store.fs.FilePath;

/**
 * {@code simdisk:<disk>@<life>/<file>} for H2. The instance without a name is the provider that H2 registers.
 * Thread-safe: takes the disk's lock.
 */
final class SimPath extends FilePath {

  private static final String PREFIX = SimDisk.SCHEME + ":";

  /** Works on a volume; run with the disk's lock held. */
  private interface Work<T> {
    T on(Volume volume, String file) throws IOException;
  }

  @Override
  public String getScheme() {
    return SimDisk.SCHEME;
  }

  @Override
  public SimPath getPath(String path) {
    SimPath result = new SimPath();
    String plain = path.replace('\\', '/');
    result.name = plain.endsWith("/") ? plain.substring(0, plain.length() - 1) : plain;
    return result;
  }

  // queries

  @Override
  public boolean exists() {
    return run(Volume::exists);
  }

  @Override
  public boolean isDirectory() {
    return run(Volume::isDirectory);
  }

  @Override
  public boolean isRegularFile() {
    return run((volume, file) -> volume.file(file) != null);
  }

  @Override
  public long size() {
    return run((volume, file) -> volume.file(file) == null ? 0L : volume.file(file).size());
  }

  @Override
  public List<FilePath> newDirectoryStream() {
    String root = name.contains("/") ? name.substring(0, name.indexOf('/')) : name;
    // H2 wraps the elements in place
    return new ArrayList<>(run(Volume::list).stream().map(file -> getPath(root + "/" + file)).toList());
  }

  @Override
  public SimPath toRealPath() {
    return this;
  }

  @Override
  public SimPath getParent() {
    int slash = name.lastIndexOf('/');
    return slash < 0 ? null : getPath(name.substring(0, slash));
  }

  @Override
  public boolean isAbsolute() {
    return true;
  }

  /** Always 0: a simulated disk has no clock. */
  @Override
  public long lastModified() {
    return 0;
  }

  @Override
  public boolean canWrite() {
    return true;
  }

  @Override
  public boolean setReadOnly() {
    return false;
  }

  // changes

  @Override
  public boolean createFile() {
    return run((volume, file) -> {
      if (volume.exists(file)) {
        return false;
      }
      volume.fileOrCreate(file);
      return true;
    });
  }

  @Override
  public void createDirectory() {
    run((volume, file) -> {
      volume.createDirectory(file);
      return null;
    });
  }

  @Override
  public void delete() {
    run((volume, file) -> {
      volume.delete(file);
      return null;
    });
  }

  @Override
  public void moveTo(FilePath newName, boolean atomicReplace) {
    SimPath target = (SimPath) newName;
    if (!target.diskPart().equals(diskPart())) {
      throw DbException.convertIOException(new IOException("not on one disk: " + name + ", " + newName), name);
    }
    run((volume, file) -> {
      if (!atomicReplace && volume.exists(target.filePart())) {
        throw new IOException("there is a file of this name: " + target);
      }
      volume.rename(file, target.filePart());
      return null;
    });
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    boolean readOnly = mode.equals("r");
    SimDisk disk = disk();
    synchronized (disk.lock()) {
      checkLife(disk);
      Inode inode = readOnly ? disk.volume().file(filePart()) : disk.volume().fileOrCreate(filePart());
      if (inode == null) {
        throw new FileNotFoundException(name);
      }
      return new SimChannel(disk, life(), inode, readOnly);
    }
  }

  // where it is

  private <T> T run(Work<T> work) {
    try {
      SimDisk disk = disk();
      synchronized (disk.lock()) {
        checkLife(disk);
        return work.on(disk.volume(), filePart());
      }
    } catch (IOException e) {
      throw DbException.convertIOException(e, name);
    }
  }

  private void checkLife(SimDisk disk) throws IOException {
    if (disk.life() != life()) {
      throw new IOException("crashed: " + name + " is of an earlier life than " + disk);
    }
    disk.faults().checkPower();
  }

  private SimDisk disk() throws IOException {
    String part = diskPart();
    int at = part.indexOf('@');
    SimDisk disk = at < 0 ? null : SimDisk.find(part.substring(0, at));
    if (disk == null) {
      throw new IOException("no such simulated disk is open: " + name);
    }
    return disk;
  }

  private int life() {
    String part = diskPart();
    return Integer.parseInt(part.substring(part.indexOf('@') + 1));
  }

  private String diskPart() {
    int slash = name.indexOf('/');
    return name.substring(PREFIX.length(), slash < 0 ? name.length() : slash);
  }

  private String filePart() {
    int slash = name.indexOf('/');
    return slash < 0 ? "" : name.substring(slash + 1);
  }
}
