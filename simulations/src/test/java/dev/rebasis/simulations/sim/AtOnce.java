package dev.rebasis.simulations.sim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DynamicTest;

/** Checks that know nothing of each other, each in worlds of its own: as many at once as there are processors. */
public final class AtOnce {
  private AtOnce() {}

  /**
   * Runs all of them to their ends.
   *
   * @param checks by name; what one throws is how its test fails
   * @return a test for each, in their order
   */
  public static List<DynamicTest> tests(Map<String, Runnable> checks) throws InterruptedException {
    Map<String, Future<?>> ends = new LinkedHashMap<>();
    ExecutorService threads = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    try {
      checks.forEach((name, check) -> ends.put(name, threads.submit(check)));
      List<DynamicTest> tests = new ArrayList<>();
      for (Map.Entry<String, Future<?>> end : ends.entrySet()) {
        Throwable failure = failure(end.getValue());
        tests.add(DynamicTest.dynamicTest(end.getKey(), () -> {
          if (failure != null) {
            throw failure;
          }
        }));
      }
      return tests;
    } finally {
      threads.shutdownNow();
    }
  }

  private static Throwable failure(Future<?> end) throws InterruptedException {
    try {
      end.get();
      return null;
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }
}
