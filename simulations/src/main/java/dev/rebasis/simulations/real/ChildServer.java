package dev.rebasis.simulations.real;

import dev.rebasis.simulations.check.Finding;
import dev.rebasis.simulations.check.Promise;
import dev.rebasis.simulations.process.ProcessException;
import dev.rebasis.simulations.process.ServerProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * The server in a process of its own through all its lives. Nobody but the plan may end it, and it has to come back from
 * whatever the plan did to it: what it does otherwise is a finding, and no exception. Confined.
 */
final class ChildServer implements AutoCloseable {
  private static final String SEE = "; see server.log";

  private final Supplier<ServerProcess> starter;
  private final List<Finding> findings = new ArrayList<>();
  private CompletableFuture<ServerProcess> process; // null while it is down
  private int lives;

  /**
   * Makes one that is not started yet.
   *
   * @param starter starts it and waits until it listens; throws {@link ProcessException} if it does not come so far
   */
  ChildServer(Supplier<ServerProcess> starter) {
    this.starter = starter;
  }

  int lives() {
    return lives;
  }

  List<Finding> findings() {
    return findings;
  }

  /** Whether it is up, or about to be. */
  boolean isRunning() {
    return process != null;
  }

  private void report(String what) {
    findings.add(new Finding(Promise.SOUNDNESS, what + SEE));
  }

  /** Starts it if it is down. That takes seconds; the clients go on meanwhile. */
  void start() {
    if (process == null) {
      lives++;
      process = CompletableFuture.supplyAsync(starter);
    }
  }

  /** Looks whether it still lives, without waiting for one that is about to start. */
  void listen() {
    if (process != null && process.isDone()) {
      awaitUp();
    }
  }

  /** Waits until it is up; null, with a finding, if it does not come up, or is down without having been told to. */
  ServerProcess awaitUp() {
    if (process == null) {
      return null;
    }
    try {
      ServerProcess up = process.join();
      if (up.isAlive()) {
        return up;
      }
      up.close();
      report("the server has ended by itself");
    } catch (CompletionException e) {
      if (!(e.getCause() instanceof ProcessException failed)) {
        throw e;
      }
      report("the server does not start: " + failed.getMessage());
    }
    process = null;
    return null;
  }

  /** Kills it as {@code kill -9} does, if it is up. */
  void kill() {
    ServerProcess up = awaitUp();
    if (up != null) {
      process = null;
      up.kill();
    }
  }

  /** Ends it in order, if it is up. */
  void stop() {
    ServerProcess up = awaitUp();
    if (up == null) {
      return;
    }
    process = null;
    try {
      int status = up.terminate();
      if (status != 0) {
        report("the server ended with status " + status);
      }
    } catch (ProcessException e) {
      report(e.getMessage());
    } finally {
      up.close();
    }
  }

  /** Kills it if it still runs; what is wrong with it was said before. */
  @Override
  public void close() {
    if (process != null) {
      process.handle((up, failure) -> up).thenAccept(up -> {
        if (up != null) {
          up.close();
        }
      }).join();
      process = null;
    }
  }
}
