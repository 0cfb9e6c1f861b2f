package dev.rebasis.simulations.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * How much of another JVM's heap is in use, garbage left out, now and at the most while something else is done. Each look
 * makes that JVM collect, so nothing can be timed meanwhile. Confined but for the looking.
 */
final class LiveHeap {
  private static final int TRIES_MAX = 20;

  private final long pid;

  LiveHeap(long pid) {
    this.pid = pid;
  }

  /**
   * Looks now.
   *
   * @return millions of bytes
   * @throws IllegalStateException if the JVM does not tell, or does not collect
   */
  double megabytes() {
    for (int tries = 0; tries < TRIES_MAX; tries++) {
      long before = fullCollections(ask("PerfCounter.print"));
      List<String> histogram = ask("GC.class_histogram");
      if (fullCollections(ask("PerfCounter.print")) > before) {
        return total(histogram);
      }
      // A JVM that is inside a native library just now (one that compresses, say) skips the collection and counts its garbage.
    }
    throw new IllegalStateException("The server's JVM (process " + pid + ") did not collect in " + TRIES_MAX
        + " looks at its heap: look whether it runs with -XX:+DisableExplicitGC, or has no processor for itself.");
  }

  private List<String> ask(String command) {
    try {
      Process jcmd = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(pid),
          command).redirectErrorStream(true).start();
      return new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("The server's heap cannot be looked at; this needs the jcmd of a JDK", e);
    }
  }

  /** How many collections of the whole heap there were, from a line {@code sun.gc.collector.1.invocations=12}. */
  static long fullCollections(List<String> counters) {
    String name = "sun.gc.collector.1.invocations=";
    for (String line : counters) {
      if (line.startsWith(name)) {
        return Long.parseLong(line.substring(name.length()).trim());
      }
    }
    throw new IllegalStateException("The server's JVM does not tell how often it collected: " + counters);
  }

  /** The bytes in the last line of a histogram, {@code Total  instances  bytes}. */
  static double total(List<String> histogram) {
    for (String line : histogram) {
      String[] words = line.trim().split("\\s+");
      if (words.length == 3 && words[0].equals("Total")) {
        return Long.parseLong(words[2]) / 1e6;
      }
    }
    throw new IllegalStateException("The server's JVM does not tell what its heap holds: " + histogram);
  }

  /**
   * Looks again and again while a task runs on this thread.
   *
   * @return the most that was seen, in millions of bytes
   */
  double mostWhile(Runnable task) {
    Looking looking = new Looking();
    Thread thread = new Thread(looking, "rebasis-live-heap");
    thread.start();
    try {
      task.run();
    } finally {
      looking.done = true;
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the server's heap was looked at", e);
    }
    return looking.most();
  }

  private final class Looking implements Runnable {
    private volatile boolean done;
    private double most;
    private RuntimeException failure;

    @Override
    public void run() {
      try {
        do {
          most = Math.max(most, megabytes());
        } while (!done);
      } catch (RuntimeException e) {
        failure = e;
      }
    }

    double most() {
      if (failure != null) {
        throw failure;
      }
      return most;
    }
  }
}
