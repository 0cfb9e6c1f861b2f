package dev.rebasis.simulations.process;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A {@code rebasis serve} in a JVM of its own. Confined. */
public final class ServerProcess implements AutoCloseable {
  private static final String MAIN = "dev.rebasis.simulations.cli.Rebasis";
  private static final Pattern ADDRESS = Pattern.compile("http://[^ /]+:(\\d+)/db/[^ ]+");
  private static final long START_SECONDS_MAX = 120;

  private final JavaProcess process;
  private final String uri;
  private final int port;

  private ServerProcess(JavaProcess process, String uri, int port) {
    this.process = process;
    this.uri = uri;
    this.port = port;
  }

  /**
   * Starts a server and waits until it listens.
   *
   * @param data its folder
   * @param port 0 for a free one
   * @param schema an EDN file, or null
   * @param errors where its log goes, or null for this process's standard error
   * @param jvmOptions such as {@code -Xmx512m}; may be empty
   * @param options further ones of {@code rebasis serve}; may be empty
   * @throws ProcessException if it ends before, or takes too long
   */
  public static ServerProcess start(
      Path data, int port, Path schema, Path errors, List<String> jvmOptions, List<String> options) {
    List<String> arguments =
        new ArrayList<>(List.of("serve", "--data", data.toString(), "--port", Integer.toString(port)));
    arguments.addAll(options);
    if (schema != null) {
      arguments.addAll(List.of("--schema", schema.toString()));
    }
    return listening(JavaProcess.start("server", errors, jvmOptions, MAIN, arguments));
  }

  /**
   * Waits until a process says where it listens, as {@code rebasis serve} does.
   *
   * @param process closed if it does not say so
   * @throws ProcessException if it ends before, or takes too long
   */
  public static ServerProcess listening(JavaProcess process) {
    try {
      Matcher ready = ADDRESS.matcher("");
      process.awaitLine(line -> ready.reset(line).find(), START_SECONDS_MAX);
      return new ServerProcess(process, ready.group(), Integer.parseInt(ready.group(1)));
    } catch (ProcessException e) {
      process.close();
      throw e;
    }
  }

  /** Waits until it has warmed up. */
  public void awaitWarmUp() {
    process.awaitLine(line -> line.startsWith("Warmed up"), START_SECONDS_MAX);
  }

  /** Where clients connect. */
  public String uri() {
    return uri;
  }

  /** The port that it listens on. */
  public int port() {
    return port;
  }

  /** Its process id. */
  public long pid() {
    return process.pid();
  }

  /** Whether it still runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Kills it as {@code kill -9} does. */
  public void kill() {
    process.kill();
  }

  /**
   * Ends it as {@code kill -TERM} does; returns its exit status.
   *
   * @throws ProcessException if it has not ended within a minute
   */
  public int terminate() {
    return process.terminate(60);
  }

  /** Its resident memory in bytes, where the system tells it. */
  public OptionalLong residentBytes() {
    return process.residentBytes();
  }

  /** Kills it if it still runs. */
  @Override
  public void close() {
    process.close();
  }
}
