package dev.rebasis.simulations.real;

import dev.rebasis.simulations.check.Audit;
import dev.rebasis.simulations.sim.Plan;
import dev.rebasis.simulations.sim.Simulator;
import dev.rebasis.simulations.workload.Workload;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Plays plans with real processes one after the other, and tells of them. Confined. */
public final class ProcessRuns {
  /** How a plan is played; as {@link ProcessPlay#play}. */
  interface Player {
    ProcessPlay.Result play(Plan plan, Workload workload, Path folder, Consumer<String> told) throws IOException;
  }

  private final PrintWriter out;
  private final boolean trace;
  private final Player player;

  /**
   * Makes it.
   *
   * @param out hears how each plan ended
   * @param trace whether it hears of everything that happens
   */
  public ProcessRuns(PrintWriter out, boolean trace) {
    this(out, trace, ProcessPlay::play);
  }

  ProcessRuns(PrintWriter out, boolean trace, Player player) {
    this.out = out;
    this.trace = trace;
    this.player = player;
  }

  /**
   * Plays a plan in a folder for temporary files, which stays if a promise was broken, or if the play did not come to an end. The plan
   * lies in it then, and the command that plays it again is told.
   *
   * @return whether every promise held
   */
  public boolean play(Plan plan, Workload workload) throws IOException {
    Path folder = Files.createTempDirectory("rebasis-processes");
    boolean good = false;
    try {
      ProcessPlay.Result result = player.play(plan, workload, folder, line -> {
        if (trace) {
          out.println(line);
          out.flush();
        }
      });
      good = result.findings().isEmpty();
      out.println("seed " + plan.seed() + ", " + plan.workload() + ": " + result.made().size() + " writes, "
          + result.clientLives() + " lives of " + plan.clients() + " clients, " + result.serverLives()
          + " of the server, " + result.carriedBytes() + " bytes through the proxies: "
          + (good ? "every promise held" + judged(result.judged()) : "BROKEN"));
      result.findings().forEach(finding -> out.println("  " + finding));
    } catch (RuntimeException e) {
      // No promise that anybody knows of: but what was played, and what it left, has to be known.
      out.println("seed " + plan.seed() + ", " + plan.workload() + ": THE PLAY FAILED");
      e.printStackTrace(out);
    } finally {
      if (good) {
        delete(folder);
      } else {
        leave(plan, folder);
      }
      out.flush();
    }
    return good;
  }

  /** Whether all ended as the operations say is asked only where everybody knows what was written. */
  private static String judged(String judged) {
    return judged.equals(Audit.JUDGED) ? "" : judged.startsWith(Audit.JUDGED) ? " (" + judged + ")"
        : " (not asked: whether all ended as the operations say, since " + judged + ")";
  }

  private void leave(Plan plan, Path folder) throws IOException {
    Path kept = folder.resolve("plan.txt");
    Files.writeString(kept, "# played with real processes by ./rebasis simulate --processes\n" + Simulator.text(plan));
    out.println("The stores and logs are in " + folder + "; the plan was:");
    out.print(Simulator.text(plan));
    out.println("To play it again (real processes are not the same twice):");
    out.println("  ./rebasis simulate --processes --plan " + kept + " --trace");
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
