package dev.rebasis.simulations.report;

import dev.rebasis.error.RebasisException;
import dev.rebasis.simulations.sim.FailAtN;
import dev.rebasis.simulations.real.ProcessPlans;
import dev.rebasis.simulations.sim.Fault;
import dev.rebasis.simulations.sim.Plan;
import dev.rebasis.simulations.sim.Rehearsal;
import dev.rebasis.simulations.sim.Settings;
import dev.rebasis.simulations.sim.Simulator;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.workload.Workloads;
import dev.rebasis.simulations.world.Registered;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What {@code rebasis simulate} is asked to do, and whether that makes sense. Confined. */
final class SimulateOptions {
  private static final String PLAN = "--plan";
  private static final String SEED = "--seed";
  private static final String FAIL_AT_N = "--fail-at-n";
  private static final String PROCESSES = "--processes";
  private static final String SECONDS = "--seconds";
  private static final String[] OF_SEEDS = {
      "--seeds", "--from", "--minutes", "--coverage"};
  private static final String[] OF_MAKING = {"--clients", "--ops", "--faults", "--pace"};

  @Spec(Spec.Target.MIXEE) private CommandSpec spec;

  @Option(names = "--seeds", paramLabel = "N", description = "How many seeds (default: 100; with --minutes as many as fit).")
  Long seeds;

  @Option(names = SEED, paramLabel = "S", description = "Only this seed.")
  Long seed;

  @Option(names = "--from", paramLabel = "S", defaultValue = "1", description = "The first seed (default: ${DEFAULT-VALUE}).")
  long from;

  @Option(names = "--clients", paramLabel = "N", defaultValue = "4",
      description = "Clients at most (default: ${DEFAULT-VALUE}).")
  int clients;

  @Option(names = "--ops", paramLabel = "N", defaultValue = "40",
      description = "About how many writes a seed (default: ${DEFAULT-VALUE}).")
  int ops;

  @Option(names = "--faults", paramLabel = "KINDS", defaultValue = "all",
      description = "Kinds of faults, separated by commas; 'all', 'none', or '-kind' for all but these"
          + " (default: ${DEFAULT-VALUE}). docs/simulations.md lists them.")
  String faults;

  @Option(names = "--schema", paramLabel = "FILE", description = "Any operations on this schema (EDN, one or more vectors of forms).")
  Path schema;

  @Option(names = "--workload", paramLabel = "NAME|FILE.edn",
      description = "Only this workload, or one that a file describes (default: a seed chooses).")
  String workload;

  @Option(names = "--pace", paramLabel = "SECONDS",
      description = "Each client writes once in so many virtual seconds; all clients and exactly --ops writes in each"
          + " seed (default: a seed chooses).")
  Double pace;

  @Option(names = "--minutes", paramLabel = "M", description = "Goes on for so long.")
  Double minutes;

  @Option(names = "--threads", paramLabel = "N", description = "How many at once (default: one for each processor).")
  Integer threads;

  @Option(names = PLAN, paramLabel = "FILE", description = "Plays this trace instead of seeds.")
  Path plan;

  @Option(names = PROCESSES,
      description = "Plays with real processes and sockets instead, in real time; kept to what can be done to them.")
  boolean processes;

  @Option(names = SECONDS, paramLabel = "N", defaultValue = "20",
      description = "With --processes: how long the faults last (default: ${DEFAULT-VALUE}).")
  int seconds;

  @Option(names = FAIL_AT_N,
      description = "Lets every storage operation and message of a small scenario (or of --plan) fail in turn.")
  boolean failAtN;

  @Option(names = "--report", paramLabel = "FILE.html", description = "Writes a page to look at.")
  Path report;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes the figures, one line; '-' for standard output.")
  Path json;

  @Option(names = "--trace", description = "Prints the whole trace of a single seed or plan.")
  boolean trace;

  @Option(names = "--coverage",
      description = "Aims at the pairs of fault, operation and policy that have not met, and fails if one never does, however"
          + " few the seeds (without it: from 200 seeds on).")
  boolean coverage;

  @Option(names = "--hash", description = "Prints a line for each seed: 'trace', the seed, and the SHA-256 of its trace.")
  boolean hash;

  private Settings settings;
  private Plan keptPlan;

  /**
   * Checks everything, and tries what is played and where the results go.
   *
   * @throws ParameterException if something is wrong
   */
  void check() {
    ranges();
    combinations();
    try {
      settings = new Settings(clients, ops, Fault.parse(faults), workloads(), pace == null ? 0 : Math.max(1, Math.round(pace * 1000)));
      keptPlan = plan != null ? Simulator.plan(read(plan)) : failAtN ? FailAtN.scenario() : null;
      if (keptPlan != null) {
        new Simulator(settings, List.of()).check(keptPlan);
      }
      if (processes) {
        processes();
      }
      if (schema != null || workload != null) {
        Rehearsal.check(settings.workloads().get(0), List.of(), Registered.NOTHING);
      }
    } catch (RebasisException e) {
      throw wrong(e.getMessage());
    }
    writable(report);
    writable(json);
  }

  /** Whether real processes can do what is asked of them. */
  private void processes() {
    if (keptPlan != null) {
      ProcessPlans.check(keptPlan);
      ProcessPlans.check(Workloads.named(keptPlan.workload()));
    } else {
      ProcessPlans.check(settings.faults());
      if (workload != null) {
        ProcessPlans.check(settings.workloads().get(0));
      }
    }
  }

  private void ranges() {
    require(clients >= 1 && clients <= 32, "--clients is a number from 1 to 32.");
    require(ops >= 1 && ops <= 100_000, "--ops is a number from 1 to 100000.");
    require(seeds == null || seeds >= 1, "--seeds is 1 or more.");
    require(threads == null || threads >= 1, "--threads is 1 or more.");
    require(pace == null || pace > 0, "--pace is more than 0.");
    require(minutes == null || minutes > 0, "--minutes is more than 0.");
    require(seconds >= 1 && seconds <= 3_600, "--seconds is a number from 1 to 3600.");
  }

  /** An option that would do nothing is not what somebody wanted. */
  private void combinations() {
    require(schema == null || workload == null, "Give --schema or --workload, not both.");
    apart(PROCESSES, "is kept to what can be done to real processes, and tells of itself in words only", FAIL_AT_N, "--schema",
        "--pace", "--threads", "--report", "--json", "--hash", "--coverage");
    require(!processes || workload == null || !workload.endsWith(".edn"),
        "--processes goes with the workloads that come with Rebasis only, not with a workload's file.");
    require(!failAtN || plan != null || schema == null && workload == null,
        "--fail-at-n strikes at each point of its own scenario, or of --plan: --schema and --workload go with a plan of theirs.");
    apart(FAIL_AT_N, "strikes at each point of its own scenario or of --plan", OF_SEEDS);
    apart(FAIL_AT_N, "strikes at each point of its own scenario or of --plan", OF_MAKING);
    apart(FAIL_AT_N, "plays one plan for each point", SEED, "--hash", "--trace", SECONDS);
    apart(PLAN, "is one trace, as it was kept", OF_SEEDS);
    apart(PLAN, "has its own clients, writes and faults", OF_MAKING);
    apart(PLAN, "is played instead of a seed", SEED);
    apart(PLAN, "has its own duration", SECONDS);
    apart(SEED, "is one seed", OF_SEEDS);
    require(processes || !given(SECONDS), "--seconds goes with --processes.");
    require(!trace || processes || seed != null || plan != null, "--trace goes with --seed, --plan or --processes.");
  }

  private void apart(String option, String reason, String... others) {
    if (given(option)) {
      Arrays.stream(others).filter(this::given).findFirst().ifPresent(other -> {
        throw wrong(option + " and " + other + " do not go together: " + option + " " + reason + ".");
      });
    }
  }

  private boolean given(String option) {
    return spec.commandLine().getParseResult().hasMatchedOption(option);
  }

  private List<Workload> workloads() {
    if (schema != null) {
      return List.of(Workloads.onSchema(read(schema)));
    }
    return workload == null ? Workloads.all() : List.of(workload.endsWith(".edn")
        ? Workloads.scripted(read(Path.of(workload))) : Workloads.named(workload));
  }

  private String read(Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw wrong("There is no file " + file + ".");
    } catch (CharacterCodingException e) {
      throw wrong("The file " + file + " cannot be read: it is not text in UTF-8.");
    } catch (IOException e) {
      throw wrong("The file " + file + " cannot be read: " + (Files.isDirectory(file) ? "it is a folder." : e.getMessage() + "."));
    }
  }

  /** A run of an hour is not to end with nowhere to put its page. */
  private void writable(Path file) {
    if (file == null || file.toString().equals("-") && file == json) {
      return;
    }
    try {
      Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND).close();
    } catch (IOException e) {
      Path folder = file.toAbsolutePath().getParent();
      throw wrong("The file " + file + " cannot be written: " + (Files.isDirectory(file) ? "it is a folder."
          : folder != null && !Files.isDirectory(folder) ? "there is no folder " + folder + "." : e.getMessage() + "."));
    }
  }

  private void require(boolean holds, String message) {
    if (!holds) {
      throw wrong(message);
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  Settings settings() {
    return settings;
  }

  /** The plan that is played, or whose points are struck at; null if seeds are. */
  Plan keptPlan() {
    return keptPlan;
  }

  int workers() {
    return threads != null ? threads : Runtime.getRuntime().availableProcessors();
  }

  /** When the time that the run may take is up, by {@link System#nanoTime}, if so much of it may be used. */
  long endNanos(double share) {
    return minutes == null ? Long.MAX_VALUE : System.nanoTime() + (long) (minutes * 60e9 * share);
  }

  /** The options that make a seed's plan, with those that a plan needs. */
  String making() {
    return "--clients " + clients + " --ops " + ops + " --faults " + quoted(faults) + world() + (pace == null ? "" : " --pace " + pace);
  }

  /** A plan names its workload only; one from a file has to be given again. */
  String world() {
    return (schema == null ? "" : " --schema " + quoted(schema.toString()))
        + (workload == null ? "" : " --workload " + quoted(workload));
  }

  /** As a shell takes it. */
  static String quoted(String word) {
    return word.matches("[A-Za-z0-9_./:=@%+,-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
