package dev.rebasis.simulations.disk;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * The files of one disk under their names, and the journal of the names. A directory is an entry without a file.
 * Confined to the holder of the disk's lock.
 */
final class Volume {

  private static final int FILE_BYTES_MAX = 1 << 30;

  private final DiskFaults faults;
  private TreeMap<String, Entry> names = new TreeMap<>();
  private TreeMap<String, Entry> durableNames = new TreeMap<>();
  private final List<NameChange> journal = new ArrayList<>();
  private DiskWatch watch;

  /** {@code inode} is null for a directory. */
  private record Entry(Inode inode) {}

  /** From {@code from} (null: created) to {@code to} (null: deleted). */
  private record NameChange(String from, String to, Entry entry) {

    void applyTo(TreeMap<String, Entry> names) {
      if (from != null) {
        names.remove(from);
      }
      if (to != null) {
        names.put(to, entry);
      }
    }
  }

  Volume(DiskFaults faults) {
    this.faults = faults;
  }

  /** From now on this one is told of each operation; null for nobody. */
  void watch(DiskWatch watcher) {
    watch = watcher;
  }

  private void tell(DiskOperation operation, Inode inode) throws IOException {
    if (watch != null && !(operation == DiskOperation.READ && faults.isPaused())) {
      for (Map.Entry<String, Entry> name : names.entrySet()) {
        if (name.getValue().inode == inode) {
          watch.before(operation, name.getKey());
          return;
        }
      }
    }
  }

  // content

  int read(Inode inode, long position, byte[] into) throws IOException {
    tell(DiskOperation.READ, inode);
    faults.check(DiskOperation.READ);
    return into.length == 0 ? 0 : inode.read(position, into);
  }

  void write(Inode inode, long position, byte[] data) throws IOException {
    tell(DiskOperation.WRITE, inode);
    boolean last = faults.check(DiskOperation.WRITE);
    long end = position + data.length;
    long growth = Math.max(0, end - inode.size());
    if (end > FILE_BYTES_MAX || !faults.fits(usedBytes() + growth)) {
      throw new IOException("No space left on device");
    }
    faults.written(data.length);
    inode.write((int) position, data);
    failIfLast(last);
  }

  void truncate(Inode inode, long size) throws IOException {
    tell(DiskOperation.TRUNCATE, inode);
    boolean last = faults.check(DiskOperation.TRUNCATE);
    if (size < inode.size()) {
      inode.truncate((int) size);
    }
    failIfLast(last);
  }

  void force(Inode inode) throws IOException {
    tell(DiskOperation.FORCE, inode);
    failIfLast(faults.check(DiskOperation.FORCE));
    if (faults.ignoresForces()) {
      return;
    }
    inode.force();
    int settled = lastChangeOf(inode) + 1;
    journal.subList(0, settled).forEach(change -> change.applyTo(durableNames));
    journal.subList(0, settled).clear();
  }

  private int lastChangeOf(Inode inode) {
    for (int i = journal.size() - 1; i >= 0; i--) {
      if (journal.get(i).entry.inode == inode) {
        return i;
      }
    }
    return -1;
  }

  private void failIfLast(boolean last) throws IOException {
    if (last) {
      faults.checkPower();
    }
  }

  // names

  boolean exists(String name) {
    return name.isEmpty() || names.containsKey(name);
  }

  boolean isDirectory(String name) {
    return name.isEmpty() || (names.containsKey(name) && names.get(name).inode == null);
  }

  /** The file of this name, or null. */
  Inode file(String name) {
    Entry entry = names.get(name);
    return entry == null ? null : entry.inode;
  }

  /** The file of this name, created if it is missing; its directory must exist. */
  Inode fileOrCreate(String name) throws IOException {
    Inode found = file(name);
    if (found != null) {
      return found;
    }
    if (isDirectory(name) || !isDirectory(parent(name))) {
      throw new FileNotFoundException(name);
    }
    Inode created = new Inode();
    change(null, name, new Entry(created));
    return created;
  }

  void createDirectory(String name) throws IOException {
    if (!exists(name)) {
      if (!isDirectory(parent(name))) {
        throw new FileNotFoundException(parent(name));
      }
      change(null, name, new Entry(null));
    }
  }

  /** Replaces what is at the new name, as rename(2) does. */
  void rename(String from, String to) throws IOException {
    Entry entry = names.get(from);
    if (entry == null || entry.inode == null) {
      throw new FileNotFoundException(from);
    }
    if (!from.equals(to)) {
      change(from, to, entry);
    }
  }

  /** Deletes the file or the empty directory; does nothing if there is none. */
  void delete(String name) throws IOException {
    Entry entry = names.get(name);
    if (entry == null) {
      return;
    }
    if (entry.inode == null && !list(name).isEmpty()) {
      throw new IOException("directory not empty: " + name);
    }
    change(name, null, entry);
  }

  List<String> list(String directory) {
    List<String> found = new ArrayList<>();
    for (String name : names.keySet()) {
      if (parent(name).equals(directory)) {
        found.add(name);
      }
    }
    return found;
  }

  private void change(String from, String to, Entry entry) throws IOException {
    if (watch != null) {
      watch.before(DiskOperation.NAME, to == null ? from : to);
    }
    boolean last = faults.check(DiskOperation.NAME);
    NameChange change = new NameChange(from, to, entry);
    change.applyTo(names);
    journal.add(change);
    failIfLast(last);
  }

  private static String parent(String name) {
    int slash = name.lastIndexOf('/');
    return slash < 0 ? "" : name.substring(0, slash);
  }

  // crashes

  void powerLoss(RandomGenerator random) {
    int survived = random.nextInt(journal.size() + 1);
    journal.subList(0, survived).forEach(change -> change.applyTo(durableNames));
    journal.clear();
    names = new TreeMap<>(durableNames);
    inodes().forEach(inode -> inode.powerLoss(random));
  }

  void processCrash() {
    inodes().forEach(Inode::processCrash);
  }

  DiskImage image() {
    TreeMap<String, Sectors> files = new TreeMap<>();
    names.forEach((name, entry) -> files.put(name, entry.inode == null ? null : entry.inode.image()));
    return new DiskImage(files);
  }

  void restore(DiskImage image) {
    names = new TreeMap<>();
    image.files().forEach((name, content) -> names.put(name, new Entry(content == null ? null : Inode.of(content))));
    durableNames = new TreeMap<>(names);
    journal.clear();
  }

  private Collection<Inode> inodes() {
    return names.values().stream().map(Entry::inode).filter(Objects::nonNull).toList();
  }

  // figures

  List<String> files() {
    return names.keySet().stream().filter(name -> file(name) != null).toList();
  }

  long usedBytes() {
    return inodes().stream().mapToLong(Inode::size).sum();
  }
}
