package dev.rebasis.simulations.sim;

import dev.rebasis.simulations.check.Finding;
import dev.rebasis.simulations.workload.Invariant;
import dev.rebasis.simulations.world.Registered;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/**
 * Runs simulations of many seeds, several at once, each confined to a thread of its own, and shrinks what fails.
 * Immutable; thread-safe.
 */
public final class Simulator {
  /** So many simulations aim at a pair before it counts as one that never meets. */
  private static final int AIMS_MAX = 64;

  /** After so many it is looked at what has met by then. */
  private static final int AIMS_AT_ONCE = 8;

  private final Settings settings;
  private final List<Invariant> invariants;
  private final Registered registered;
  private final Sabotage sabotage;

  /**
   * Makes a simulator.
   *
   * @param settings what the plans are made of
   * @param invariants what must hold beside the promises and what the workload itself asks for
   */
  public Simulator(Settings settings, List<Invariant> invariants) {
    this(settings, invariants, Registered.NOTHING, Sabotage.NONE);
  }

  /**
   * Makes a simulator of programs that register policies and functions of their own.
   *
   * @param registered on all clients and on the server
   */
  public Simulator(Settings settings, List<Invariant> invariants, Registered registered) {
    this(settings, invariants, registered, Sabotage.NONE);
  }

  Simulator(Settings settings, List<Invariant> invariants, Sabotage sabotage) {
    this(settings, invariants, Registered.NOTHING, sabotage);
  }

  private Simulator(Settings settings, List<Invariant> invariants, Registered registered, Sabotage sabotage) {
    this.settings = settings;
    this.invariants = List.copyOf(invariants);
    this.registered = registered;
    this.sabotage = sabotage;
  }

  /** The plan of a seed. */
  public Plan plan(long seed) {
    return PlanMaker.make(seed, settings);
  }

  /** Plays the plan of a seed. */
  public Verdict play(long seed) {
    return play(plan(seed));
  }

  /** Plays a plan. */
  public Verdict play(Plan plan) {
    return Play.play(plan, settings.workload(plan.workload()), invariants, registered, sabotage);
  }

  /**
   * Plays a simulation again for people to look at: its story then says how far clients and server were apart at each
   * moment.
   *
   * @return the same, without that in its story if counting it would have changed what happens: what is read for it is in
   *     H2's cache afterwards, and a fault that waits for the next read strikes later
   */
  public Verdict watch(Verdict played) {
    Plan plan = played.plan();
    Verdict watched = Play.watch(plan, settings.workload(plan.workload()), invariants, registered, sabotage);
    return watched.trace().equals(played.trace()) ? watched : played;
  }

  /**
   * Makes a failed simulation as small as it can.
   *
   * @param playsMax how many simulations that may take, 0 or more
   * @param timeIsUp asked before each of them; true ends it with the smallest found so far
   */
  public Verdict shrink(Verdict failed, int playsMax, BooleanSupplier timeIsUp) {
    return new Shrinker(this::play, playsMax, timeIsUp).shrink(failed);
  }

  /** Whether it is what its seed makes: what aims at something, or was kept, is another plan with the number of a seed. */
  public boolean isOfSeed(Verdict verdict) {
    return verdict.plan().equals(plan(verdict.plan().seed()));
  }

  /** Of what a smaller simulation ends with, what it shares with the failed one that it was made from. */
  public static Finding shared(Verdict failed, Verdict small) {
    return Shrinker.same(failed.findings().get(0), small);
  }

  /**
   * Plays seed after seed.
   *
   * @param first the first seed
   * @param count how many at most
   * @param threads how many at once, at least 1
   * @param enough asked before each; true ends the run
   * @param done told of each, one at a time, in their order: the first that fails is the lowest that does
   */
  public void run(long first, long count, int threads, BooleanSupplier enough, Consumer<Verdict> done) {
    run(count, n -> playNamed(first + n), threads, enough, done);
  }

  /**
   * Plays plan after plan.
   *
   * @param plans what is played
   * @param threads how many at once, at least 1
   * @param enough asked before each; true ends the run
   * @param done told of each, one at a time, in their order: the first that fails is the lowest that does
   */
  public void run(List<Plan> plans, int threads, BooleanSupplier enough, Consumer<Verdict> done) {
    run(plans.size(), n -> play(plans.get((int) n)), threads, enough, done);
  }

  /** What a workload's own code throws while a plan is made of it is known by its seed. */
  private Verdict playNamed(long seed) {
    Plan plan;
    try {
      plan = plan(seed);
    } catch (RuntimeException e) {
      throw new IllegalStateException("seed " + seed + ": no plan can be made, for the workload throws " + e, e);
    }
    return play(plan);
  }

  private static void run(
      long count, LongFunction<Verdict> played, int threads, BooleanSupplier enough, Consumer<Verdict> done) {
    AtomicLong next = new AtomicLong();
    AtomicBoolean stop = new AtomicBoolean();
    // Which of them ends first depends on the machine; who is told, in which order, does not.
    Map<Long, Verdict> early = new HashMap<>();
    long[] told = {0};
    Runnable worker = () -> {
      for (long n = next.getAndIncrement(); n < count && !stop.get(); n = next.getAndIncrement()) {
        Verdict verdict;
        try {
          verdict = played.apply(n);
        } catch (RuntimeException | Error e) {
          // Nobody would be told of those behind it.
          stop.set(true);
          throw e;
        }
        synchronized (early) {
          early.put(n, verdict);
          for (Verdict now = early.remove(told[0]); now != null; now = early.remove(told[0])) {
            told[0]++;
            done.accept(now);
          }
          if (enough.getAsBoolean()) {
            stop.set(true);
          }
        }
      }
    };
    runAll(worker, threads);
  }

  /**
   * Plays simulations that aim at the pairs that a run has not met: a few for each, until all have met.
   *
   * @param first the seed of the first round; each round has the next one
   * @param wanted those that are to meet, see {@link Coverage#wanted}
   * @param tally what the run has counted; has to grow with what {@code done} is told
   * @param threads how many at once, at least 1
   * @param enough asked after each; true ends it
   * @param done told of each, one at a time
   * @return the pairs that never met all the same
   */
  public List<Coverage.Pair> cover(
      long first, Set<Coverage.Pair> wanted, Tally tally, int threads, BooleanSupplier enough, Consumer<Verdict> done) {
    List<Coverage.Pair> missing = new Coverage(tally).missing(wanted);
    for (int round = 1; round <= AIMS_MAX && !missing.isEmpty() && !enough.getAsBoolean(); round++) {
      List<WantedPairs.Aim> aims = WantedPairs.aims(missing, settings, round);
      long seed = first + round - 1;
      // Much of what a round is for meets in the simulations before: the rest of it is looked at anew after each few.
      for (int begin = 0; begin < aims.size() && !missing.isEmpty() && !enough.getAsBoolean(); ) {
        List<WantedPairs.Aim> some = new ArrayList<>();
        for (; begin < aims.size() && some.size() < AIMS_AT_ONCE; begin++) {
          if (aims.get(begin).isForAnyOf(missing)) {
            some.add(aims.get(begin));
          }
        }
        run(some.size(), n -> play(some.get((int) n), seed), threads, enough, done);
        missing = new Coverage(tally).missing(wanted);
      }
    }
    return missing;
  }

  /** Plays a seed's plan in which certain things are likely to meet. */
  Verdict play(WantedPairs.Aim aim, long seed) {
    return play(PlanMaker.make(seed, settings, aim));
  }

  private static void runAll(Runnable worker, int threads) {
    ExecutorService workers = Executors.newFixedThreadPool(threads, task -> {
      Thread thread = new Thread(task, "rebasis-simulation");
      thread.setDaemon(true);
      return thread;
    });
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        running.add(workers.submit(worker));
      }
      for (Future<?> each : running) {
        each.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the simulations were interrupted", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
    } finally {
      workers.shutdownNow();
    }
  }

  /**
   * Checks that a plan can be played with these settings.
   *
   * @throws dev.rebasis.error.RebasisException if its workload is not here, or does not have what the plan writes
   */
  public void check(Plan plan) {
    PlanText.check(plan, settings.workload(plan.workload()));
  }

  /** A plan as text, to be kept and played again. */
  public static String text(Plan plan) {
    return PlanText.write(plan);
  }

  /**
   * A plan from its text.
   *
   * @throws dev.rebasis.error.RebasisException if it is none
   */
  public static Plan plan(String text) {
    return PlanText.read(text);
  }
}
