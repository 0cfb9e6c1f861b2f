package dev.rebasis.simulations.real;

import dev.rebasis.simulations.sim.Plan;
import dev.rebasis.simulations.sim.Simulator;
import dev.rebasis.simulations.workload.Workload;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Plays plans with real processes one after the other, and tells of them. Confined. */
public final class ProcessRuns {
  private final PrintWriter out;
  private final boolean trace;

  /**
   * Makes it.
   *
   * @param out hears how each plan ended
   * @param trace whether it hears of everything that happens
   */
  public ProcessRuns(PrintWriter out, boolean trace) {
    this.out = out;
    this.trace = trace;
  }

  /**
   * Plays a plan in a folder for temporary files, which stays if a promise was broken.
   *
   * @return whether every promise held
   */
  public boolean play(Plan plan, Workload workload) throws IOException {
    Path folder = Files.createTempDirectory("rebasis-processes");
    boolean good = false;
    try {
      ProcessPlay.Result result = ProcessPlay.play(plan, workload, folder, line -> {
        if (trace) {
          out.println(line);
          out.flush();
        }
      });
      good = result.findings().isEmpty();
      out.println("seed " + plan.seed() + ", " + plan.workload() + ": " + result.made().size() + " writes, "
          + result.clientLives() + " lives of " + plan.clients() + " clients, " + result.serverLives()
          + " of the server, " + result.carriedBytes() + " bytes through the proxies: "
          + (good ? "every promise held" : "BROKEN"));
      if (!good) {
        result.findings().forEach(finding -> out.println("  " + finding));
        out.println("The stores and logs are in " + folder + "; the plan was:");
        out.print(Simulator.text(plan));
      }
    } finally {
      out.flush();
      if (good) {
        delete(folder);
      }
    }
    return good;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      List<Path> files = all.sorted(Comparator.reverseOrder()).toList();
      for (Path file : files) {
        Files.delete(file);
      }
    }
  }
}
