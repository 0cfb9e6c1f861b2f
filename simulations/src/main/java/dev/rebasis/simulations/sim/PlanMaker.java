package dev.rebasis.simulations.sim;

import dev.rebasis.simulations.workload.Vocabulary;
import dev.rebasis.simulations.workload.DrawnScopes;
import dev.rebasis.simulations.workload.Workload;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Makes a plan of a seed. Swarm testing (A. Groce and others, "Swarm Testing", ISSTA 2012): each plan leaves kinds of
 * faults and of operations out at random, since what is always there hides what needs its absence. Confined to one plan.
 */
final class PlanMaker {
  /** The pace of a plan: the mean time between two writes of all clients together, in milliseconds. */
  private static final long[] PACES_MILLIS = {15, 100, 700, 5_000};

  private static final int SERVER_WRITES_PERCENT = 8;
  private static final int FAULT_PERCENT = 35;

  /** Beside what is aimed at: faults also keep each other from happening. */
  private static final int FAULT_BESIDE_PERCENT = 10;

  /** Rarer than other faults: the checkers have to excuse much after one of these. */
  private static final int RESTORE_PERCENT = 12;

  /** One plan in so many leaves no kind of operation out. */
  private static final int ALL_KINDS_SHARE = 4;

  /** A workload is chosen as if it had so many kinds of operations more. */
  private static final int KINDS_A_WEIGHT = 4;

  /** For one in so many writes something is done with an earlier one. */
  private static final int REVISITS_SHARE = 4;

  /** In one plan of so many with revisits writes are bound together. */
  private static final int BINDS_SHARE = 2;

  /** So many writes are enough for one of them to meet a fault. */
  private static final int AIMED_WRITES = 24;

  /** In a plan that aims at something so many entities are made within so long. */
  private static final int MADE_FIRST = 8;
  private static final int MADE_MILLIS = 50;

  /** So often an argument is drawn that concerns a wanted policy. */
  private static final int DRAWS_MAX = 60;

  /** Conflicts under a wanted policy are to come about in so few places. */
  private static final int PLACES = 3;

  private final long seed;
  private final Settings settings;
  private final WantedPairs.Aim wanted;
  private final Random random;
  private final List<Step> steps = new ArrayList<>();
  private final Map<String, List<String>> made = new HashMap<>();

  private PlanMaker(long seed, Settings settings, WantedPairs.Aim wanted) {
    this.seed = seed;
    this.settings = settings;
    this.wanted = wanted;
    // Neighbouring seeds of java.util.Random begin alike; the multiplication takes them apart.
    this.random = new Random(seed * 0x9E3779B97F4A7C15L);
  }

  static Plan make(long seed, Settings settings) {
    return new PlanMaker(seed, settings, null).make();
  }

  /**
   * Makes a plan in which certain things are likely to meet.
   *
   * @param wanted what; the operation has to be one of a workload of the settings
   */
  static Plan make(long seed, Settings settings, WantedPairs.Aim wanted) {
    return new PlanMaker(seed, settings, wanted).make();
  }

  private Plan make() {
    Workload workload = workload();
    int clients = !workload.script().isEmpty() ? Vocabulary.clients(workload)
        : settings.clients() <= 2 || settings.paceMillis() > 0
        ? settings.clients() : 2 + random.nextInt(settings.clients() - 1);
    List<String> names = new Plan(seed, workload.name(), clients, 0, List.of(), List.of()).clientNames();
    long pace = settings.paceMillis() > 0 ? settings.paceMillis() / clients
        : wantedPolicy() != null ? PACES_MILLIS[0]
        : PACES_MILLIS[random.nextInt(PACES_MILLIS.length)];
    long millis = Math.max(2_000, pace * settings.writes());
    if (workload.script().isEmpty()) {
      write(workload, names, millis);
    } else {
      millis = follow(workload.script());
    }
    FaultMaker faults = new FaultMaker(random, names, millis, new SchemaChanges(workload, random), List.copyOf(steps), steps);
    if (wanted != null) {
      wanted.faults().forEach(fault -> faults.make(fault, wanted.operation()));
    }
    for (Fault fault : Fault.withoutRestores()) {
      // Drawn for each kind, wanted or not, so that a run with fewer kinds is the same run without the others.
      boolean chosen = random.nextInt(100) < (wanted == null ? FAULT_PERCENT : FAULT_BESIDE_PERCENT);
      if (chosen && settings.faults().contains(fault)) {
        faults.make(fault);
      }
    }
    changeScopes(workload, names, millis);
    // Drawn apart, so that a seed without them is the same as before there were any.
    Random apart = new Random((seed + 1) * 0xD1342543DE82EF95L);
    FaultMaker restores = new FaultMaker(apart, names, millis, new SchemaChanges(workload, apart), List.copyOf(steps), steps);
    for (Fault fault : Fault.values()) {
      if (fault.goesBack() && apart.nextInt(100) < RESTORE_PERCENT && settings.faults().contains(fault)) {
        restores.make(fault);
      }
    }
    if (workload.script().isEmpty() && wanted == null && settings.paceMillis() == 0) {
      bind(names, millis, new Random((seed + 1) * 0xBF58476D1CE4E5B9L));
    }
    steps.sort(Comparator.comparingLong(Step::atMillis));
    long end = Math.max(millis, steps.isEmpty() ? 0 : steps.get(steps.size() - 1).atMillis());
    return new Plan(seed, workload.name(), clients, end, healed(names), steps);
  }

  /** Writes what a script says; how long that takes. */
  private long follow(List<Workload.Moment> script) {
    long millis = 2_000;
    int label = 0;
    for (Workload.Moment moment : script) {
      label++;
      millis = Math.max(millis, moment.millis() + 1);
      steps.add(new Step(moment.millis(), moment.node(), Verb.TRANSACT,
          label + " " + moment.kind() + " " + moment.argument(), null));
    }
    return millis;
  }

  /** Who has more kinds of operations is played more often, so that each of them meets every fault. */
  private Workload workload() {
    List<Workload> possible = settings.workloads().stream()
        .filter(each -> wanted == null || WantedPairs.fits(each, wanted)).toList();
    int weights = possible.stream().mapToInt(PlanMaker::weight).sum();
    int chosen = random.nextInt(weights);
    for (Workload workload : possible) {
      chosen -= weight(workload);
      if (chosen < 0) {
        return workload;
      }
    }
    throw new AssertionError(chosen);
  }

  private static int weight(Workload workload) {
    return KINDS_A_WEIGHT + workload.kinds().size();
  }

  private void write(Workload workload, List<String> names, long millis) {
    List<String> kinds = kinds(workload);
    if (wanted != null) {
      kinds.addAll(wantedKinds(workload, kinds.size() + 1));
    }
    List<String> revisits = revisits(workload);
    boolean exact = settings.paceMillis() > 0;
    int writes = exact || wantedPolicy() != null ? settings.writes()
        : wanted != null ? Math.min(settings.writes(), AIMED_WRITES)
        : 1 + settings.writes() / 2 + random.nextInt(Math.max(1, settings.writes()));
    int idle = !exact && random.nextInt(3) == 0 ? random.nextInt(names.size()) : -1;
    if (wanted != null) {
      make(workload, names, 3 * writes);
    }
    for (int label = 1; label <= writes; label++) {
      boolean byServer = !exact && random.nextInt(100) < SERVER_WRITES_PERCENT;
      int client = random.nextInt(names.size());
      if (client != idle) {
        write(workload, kinds.get(random.nextInt(kinds.size())), byServer ? Step.SERVER : names.get(client), label,
            random.nextLong(wantedPolicy() == null ? millis : millis / 4));
      }
    }
    for (int i = 0; i < writes && !revisits.isEmpty(); i++) {
      if (wanted != null || random.nextInt(REVISITS_SHARE) == 0) {
        String kind = revisits.get(random.nextInt(revisits.size()));
        // What is wanted comes late, when something is parked.
        long at = wanted == null ? random.nextLong(millis) : millis / 2 + random.nextLong(millis);
        steps.add(new Step(at, names.get(random.nextInt(names.size())), Verb.TRANSACT,
            (writes + 1 + i) + " " + kind + " " + random.nextInt(100), null));
      }
    }
  }

  /**
   * Each kind of operation with an even chance, at least one of them; all in one plan of four. Something that makes
   * entities always stays, if anything does: without it most others would only be refused.
   */
  private List<String> kinds(Workload workload) {
    if (random.nextInt(ALL_KINDS_SHARE) == 0) {
      return new ArrayList<>(workload.kinds());
    }
    List<String> kept = new ArrayList<>(workload.kinds());
    kept.removeIf(kind -> random.nextBoolean());
    List<String> makers = workload.kinds().stream().filter(kind -> !workload.tempids(kind).isEmpty()).toList();
    List<String> needed = makers.isEmpty() ? workload.kinds() : makers;
    if (kept.stream().noneMatch(needed::contains)) {
      kept.add(needed.get(random.nextInt(needed.size())));
    }
    return kept;
  }

  /** Clients that hold parts change their minds about which. */
  private void changeScopes(Workload workload, List<String> names, long millis) {
    if (!workload.scopes().isEmpty()) {
      for (int i = random.nextInt(2 * names.size()); i > 0; i--) {
        steps.add(new Step(random.nextLong(millis), names.get(random.nextInt(names.size())), Verb.SCOPES,
            DrawnScopes.draw(workload.scopes(), random), null));
      }
    }
  }

  /** In some plans people bind what waits; drawn apart, so that all else of a seed is as before there was that. */
  private void bind(List<String> names, long millis, Random apart) {
    if (apart.nextInt(BINDS_SHARE) == 0) {
      return;
    }
    int label = 1 + steps.stream().filter(Step::isWrite).mapToInt(Step::label).max().orElse(0);
    for (int i = apart.nextInt(Math.max(1, settings.writes() / REVISITS_SHARE)); i > 0; i--) {
      steps.add(new Step(apart.nextLong(millis), names.get(apart.nextInt(names.size())), Verb.TRANSACT,
          label++ + " " + Revisits.BIND + " " + apart.nextInt(100), null));
    }
  }

  /** What is written about has to be there. */
  private void make(Workload workload, List<String> names, int firstLabel) {
    List<String> makers = workload.kinds().stream().filter(kind -> !workload.tempids(kind).isEmpty()).toList();
    for (int i = 0; i < MADE_FIRST && !makers.isEmpty(); i++) {
      write(workload, makers.get(random.nextInt(makers.size())), names.get(random.nextInt(names.size())), firstLabel + i,
          random.nextLong(MADE_MILLIS));
    }
  }

  /** The policy under which conflicts are wanted, null if it does not matter. What is to be made again has to be parked. */
  private String wantedPolicy() {
    if (wanted == null) {
      return null;
    }
    return Set.of(Revisits.RETRY, Revisits.EDIT).contains(wanted.operation()) ? "park" : wanted.policy();
  }

  /** What people do with what they have written, in some plans; as often as wanted. */
  private List<String> revisits(Workload workload) {
    boolean some = random.nextInt(3) == 0;
    List<String> kinds = new ArrayList<>();
    for (String kind : Revisits.DRAWN) {
      boolean drawn = random.nextInt(3) > 0;
      boolean aimed = wanted != null && wanted.operation().equals(kind);
      if ((aimed || wanted == null && some && drawn && settings.paceMillis() == 0)
          && (workload.canBeUndone() || !kind.equals(Revisits.UNDO))) {
        kinds.add(kind);
      }
    }
    return kinds;
  }

  /** The wanted operation, and under a wanted policy those that it can meet, so often. */
  private List<String> wantedKinds(Workload workload, int times) {
    List<String> partners = new ArrayList<>(Revisits.is(wanted.operation()) ? List.of() : List.of(wanted.operation()));
    String policy = wantedPolicy();
    if (policy != null) {
      workload.kinds().stream().filter(kind -> workload.policies(kind).contains(policy)
          && !kind.equals(wanted.operation())).forEach(partners::add);
    }
    List<String> kinds = new ArrayList<>();
    for (int i = 0; i < times && !partners.isEmpty(); i++) {
      kinds.add(partners.get(i % partners.size()));
    }
    return kinds;
  }

  private void write(Workload workload, String kind, String node, int label, long atMillis) {
    List<String> known = made.computeIfAbsent(node, first -> new ArrayList<>());
    String argument = argument(workload, kind, known);
    workload.tempids(kind).forEach(tempid -> known.add("?" + label + "." + tempid));
    steps.add(new Step(atMillis, node, Verb.TRANSACT, label + " " + kind + " " + argument, null));
  }

  /** If conflicts under one policy are wanted, most operations are such that can have one. */
  private String argument(Workload workload, String kind, List<String> known) {
    Workload.Made any = chance -> known.isEmpty() ? null : known.get(chance.nextInt(known.size()));
    String policy = wantedPolicy();
    if (policy != null && random.nextInt(4) > 0) {
      // By every other seed from few places, so that a removal meets the value that was added; else any that concern it, so
      // that two values of one attribute meet.
      long place = seed * PLACES + random.nextInt(PLACES);
      for (int i = 0; i < DRAWS_MAX; i++) {
        Random chance = seed % 2 == 0 ? random : new Random((place * DRAWS_MAX + i) * 0x9E3779B97F4A7C15L);
        String drawn = workload.argument(kind, chance, none -> null);
        if (workload.concerns(policy, kind, drawn)) {
          return drawn;
        }
      }
    }
    return workload.argument(kind, random, any);
  }

  /** Some of the clients, at least one; all in a third of the plans. */
  private List<String> healed(List<String> names) {
    List<String> chosen = new ArrayList<>(names);
    if (random.nextInt(3) > 0) {
      chosen.removeIf(name -> random.nextBoolean());
    }
    return chosen.isEmpty() ? List.of(names.get(random.nextInt(names.size()))) : chosen;
  }
}
