package dev.rebasis.simulations.process;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A child JVM on the class path of this one. Its standard output arrives line by line; its standard error goes to this
 * process's, or to a file. It dies with this process. Thread-safe.
 */
public final class JavaProcess implements AutoCloseable {
  private static final String END = "\u0000end";

  private final String name;
  private final Process process;
  private final BufferedWriter input;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final Thread reaper;
  /** Java closes the pipes of a process that it is told to end, while the last lines are read perhaps. */
  private volatile boolean ending;

  private JavaProcess(String name, Process process) {
    this.name = name;
    this.process = process;
    this.input = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    this.reaper = new Thread(process::destroyForcibly, "rebasis-reaper-" + name);
    Runtime.getRuntime().addShutdownHook(reaper);
    Thread reader = new Thread(this::readLines, "rebasis-lines-" + name);
    reader.setDaemon(true);
    reader.start();
  }

  /**
   * Starts a class with a {@code main} method.
   *
   * @param name for messages
   * @param errors where standard error goes, or null for this process's own
   * @param jvmOptions such as {@code -Xmx512m}; may be empty
   * @param mainClass the class
   * @param arguments its arguments
   */
  public static JavaProcess start(
      String name, Path errors, List<String> jvmOptions, String mainClass, List<String> arguments) {
    return start(name, errors, System.getProperty("java.class.path"), jvmOptions, mainClass, arguments);
  }

  /**
   * Starts a class with a {@code main} method on another class path.
   *
   * @param classPath as after {@code -cp}
   */
  public static JavaProcess start(
      String name, Path errors, String classPath, List<String> jvmOptions, String mainClass, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    command.add("-cp");
    command.add(classPath);
    command.add(mainClass);
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectError(errors == null
        ? ProcessBuilder.Redirect.INHERIT : ProcessBuilder.Redirect.appendTo(errors.toFile()));
    try {
      return new JavaProcess(name, builder.start());
    } catch (IOException e) {
      throw new ProcessException("Cannot start a Java process for " + name, e);
    }
  }

  private void readLines() {
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
      }
    } catch (IOException e) {
      // The pipe of a killed process breaks; that it has ended is said below either way.
      if (!ending) {
        lines.add("(standard output broke off: " + e.getMessage() + ")");
      }
    } finally {
      lines.add(END);
    }
  }

  /** The process id. */
  public long pid() {
    return process.pid();
  }

  /**
   * Writes one line to its standard input.
   *
   * @throws ProcessException if it has ended, or closed it
   */
  public synchronized void writeLine(String line) {
    try {
      input.write(line);
      input.newLine();
      input.flush();
    } catch (IOException e) {
      throw new ProcessException(name + " no longer reads its input", e);
    }
  }

  /**
   * The next line of its standard output that is wanted; others before it are dropped.
   *
   * @throws ProcessException if the process ends or the time passes before
   */
  public String awaitLine(Predicate<String> wanted, long timeoutSeconds) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(timeoutSeconds);
    try {
      while (true) {
        String line = lines.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (line == null) {
          throw new ProcessException(name + " did not say what was awaited within " + timeoutSeconds + " s");
        }
        if (line.equals(END)) {
          lines.add(END);
          throw new ProcessException(name + " ended (exit status " + exitStatus() + ") before it said what was awaited");
        }
        if (wanted.test(line)) {
          return line;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + name, e);
    }
  }

  /** The lines that it has written so far and nobody has read yet; does not wait. */
  public List<String> takeLines() {
    List<String> taken = new ArrayList<>();
    lines.drainTo(taken);
    if (taken.remove(END)) {
      lines.add(END);
    }
    return taken;
  }

  /** The lines that an ended process had written and nobody has read yet. */
  public List<String> remainingLines() {
    List<String> rest = new ArrayList<>();
    try {
      for (String line = lines.take(); !line.equals(END); line = lines.take()) {
        rest.add(line);
      }
      lines.add(END);
      return rest;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while reading what " + name + " had said", e);
    }
  }

  private int exitStatus() throws InterruptedException {
    return process.waitFor();
  }

  /**
   * Waits for its end and gives its exit status.
   *
   * @throws ProcessException if it has not ended in time
   */
  public int awaitExit(long timeoutSeconds) {
    try {
      if (!process.waitFor(timeoutSeconds, TimeUnit.SECONDS)) {
        throw new ProcessException(name + " did not end within " + timeoutSeconds + " s");
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for the end of " + name, e);
    }
  }

  /** Whether it still runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Kills it as {@code kill -9} does and waits until it is gone. */
  public void kill() {
    ending = true;
    process.destroyForcibly();
    awaitExit(30);
  }

  /** Asks it to end as {@code kill -TERM} does, and waits; returns its exit status. */
  public int terminate(long timeoutSeconds) {
    ending = true;
    process.destroy();
    return awaitExit(timeoutSeconds);
  }

  /** Its resident memory in bytes, where the system tells it (Linux). */
  public OptionalLong residentBytes() {
    return residentBytesOf(pid());
  }

  /** The resident memory of any process in bytes, where the system tells it (Linux). */
  public static OptionalLong residentBytesOf(long pid) {
    Path status = Path.of("/proc", Long.toString(pid), "status");
    if (!Files.isReadable(status)) {
      return OptionalLong.empty();
    }
    try {
      return Files.readAllLines(status).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty(); // it ended while we read
    }
  }

  /** Kills it if it still runs. */
  @Override
  public void close() {
    if (process.isAlive()) {
      kill();
    }
    try {
      Runtime.getRuntime().removeShutdownHook(reaper);
    } catch (IllegalStateException e) {
      // This JVM is going down already; the hook has run or is about to find a dead process.
      return;
    }
  }
}
