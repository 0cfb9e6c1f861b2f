package dev.rebasis.simulations.inside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The threads and open files of this process at one moment, and what has come since and stayed. Immutable. */
final class ProcessLeaks {
  /** A thread that was told to end may take a moment on a busy machine. */
  private static final long THREAD_END_MILLIS_MAX = 10_000;

  private static final Path OPEN_FILES = Path.of("/proc/self/fd");
  private static final String JAVA_HOME = System.getProperty("java.home");

  /** What the threads of our own and of those libraries are called that end with what was opened. */
  private static final List<String> THREADS = List.of("rebasis-", "MVStore ", "H2", "qtp");

  private final Set<Thread> threads;
  private final Set<String> files;
  private final long patienceMillis;

  private ProcessLeaks(Set<Thread> threads, Set<String> files, long patienceMillis) {
    this.threads = threads;
    this.files = files;
    this.patienceMillis = patienceMillis;
  }

  static ProcessLeaks now() {
    return now(THREAD_END_MILLIS_MAX);
  }

  /** With so long for threads to end. */
  static ProcessLeaks now(long patienceMillis) {
    return new ProcessLeaks(threads(), files(), patienceMillis);
  }

  /** A sentence for each thread and file that is there now and was not then. */
  List<String> since() {
    List<String> findings = new ArrayList<>();
    for (Thread thread : threads()) {
      if (!threads.contains(thread) && !ended(thread)) {
        findings.add("the thread " + thread.getName() + " still runs");
      }
    }
    for (String file : files()) {
      if (!files.contains(file)) {
        findings.add("the file " + file + " is still open");
      }
    }
    return findings;
  }

  private boolean ended(Thread thread) {
    try {
      thread.join(patienceMillis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return !thread.isAlive();
  }

  private static Set<Thread> threads() {
    Set<Thread> found = new HashSet<>(Thread.getAllStackTraces().keySet());
    found.removeIf(thread -> THREADS.stream().noneMatch(thread.getName()::startsWith));
    return found;
  }

  /** The files that this process has open, but for those of the JVM; none where the system does not tell. */
  private static Set<String> files() {
    Set<String> found = new HashSet<>();
    if (!Files.isDirectory(OPEN_FILES)) {
      return found;
    }
    try (Stream<Path> descriptors = Files.list(OPEN_FILES)) {
      descriptors.forEach(descriptor -> {
        String target = target(descriptor);
        if (isFile(target)) {
          found.add(target);
        }
      });
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list the open files of this process", e);
    }
    return found;
  }

  // Sockets and pipes have no path; libraries are opened when a class is first needed, and stay.
  private static boolean isFile(String target) {
    return target.startsWith("/") && !target.endsWith(".jar") && !target.endsWith(".so")
        && Stream.of("/dev/", "/proc/", "/sys/", JAVA_HOME).noneMatch(target::startsWith);
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException closedMeanwhile) {
      return "";
    }
  }
}
