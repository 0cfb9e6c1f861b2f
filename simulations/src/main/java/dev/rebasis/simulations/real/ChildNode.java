package dev.rebasis.simulations.real;

import dev.rebasis.client.Outcome;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.simulations.check.Finding;
import dev.rebasis.simulations.check.LocalWrite;
import dev.rebasis.simulations.check.Promise;
import dev.rebasis.simulations.process.JavaProcess;
import dev.rebasis.simulations.process.ProcessException;
import dev.rebasis.simulations.workload.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A client in a process of its own through all its lives: what it was told to write, what it said that it was told, and
 * what was wrong with that. Confined.
 */
final class ChildNode implements AutoCloseable {
  private static final List<String> QUICK_START = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m");
  private static final long ANSWER_SECONDS_MAX = 150;

  private record Asked(String kind, String argument, int forms) {}

  /** A copy of its store, the transactions that it holds, and those whose outcome was told before it was begun. */
  private record Backup(Path folder, Set<UUID> held, Set<UUID> decided) {}

  private final String name;
  private final Path folder;
  private final FaultProxy proxy;
  private final String uri;
  private final Workload workload;
  private final Map<Integer, Asked> asked = new HashMap<>();
  private final Map<Integer, List<ToldPending>> made = new LinkedHashMap<>();
  private final Map<UUID, List<Datom>> predicted = new HashMap<>();
  private final Map<UUID, Outcome> outcomes = new HashMap<>();
  private final List<Finding> findings = new ArrayList<>();
  /** Made, and not in the older store that took the place of its own. */
  private final Set<UUID> unheld = new HashSet<>();
  /** Decided after the backup that took the place of its store, or not at all: it may be pending again, under other numbers. */
  private final Set<UUID> returned = new HashSet<>();
  /** Labels of which the older store may have given the local ids to others. */
  private final Set<Integer> forgotten = new HashSet<>();
  /** What it wants to hold, by name; null if it holds everything. */
  private String scopes;
  private Backup backup;
  private int backups;
  private int lost;
  private JavaProcess process;
  private int writing; // the label of the write of which nothing was heard yet, 0 if none
  private int found;
  private long newestT;
  private int lives;

  /**
   * Makes one that is not started yet.
   *
   * @param scopes the names of those that it wants, separated by commas; null if it holds everything
   */
  ChildNode(String name, Path folder, FaultProxy proxy, String uri, Workload workload, String scopes) {
    this.scopes = scopes;
    this.name = name;
    this.folder = folder;
    this.proxy = proxy;
    this.uri = uri;
    this.workload = workload;
  }

  FaultProxy proxy() {
    return proxy;
  }

  boolean isRunning() {
    return process != null;
  }

  int lives() {
    return lives;
  }

  List<Finding> findings() {
    return findings;
  }

  private void report(Promise promise, String what) {
    findings.add(new Finding(promise, what));
  }

  /** Talks to it. One that does not answer, or has ended, is ended for good and reported: it broke a promise, and not the play. */
  private boolean talk(Promise promise, Runnable words) {
    if (process == null) {
      return false;
    }
    try {
      words.run();
      return true;
    } catch (ProcessException e) {
      process.close();
      process.remainingLines().forEach(this::hear);
      process = null;
      report(promise, e.getMessage() + "; see " + name + ".log");
      return false;
    }
  }

  // ---- lives ----

  /** Starts it on its store, and asks whether everything is there that it was trusted with. */
  void start() {
    process = JavaProcess.start(name, folder.resolve(name + ".log"), QUICK_START, ClientChild.class.getName(),
        scopes == null ? List.of(folder.resolve(name).toString(), uri, workload.name())
            : List.of(folder.resolve(name).toString(), uri, workload.name(), scopes));
    lives++;
    talk(Promise.SOUNDNESS, () -> process.writeLine("holds" + ClientChild.TAB
        + made.values().stream().flatMap(List::stream).map(ToldPending::id)
            .filter(id -> !outcomes.containsKey(id) && !unheld.contains(id)).map(UUID::toString).collect(Collectors.joining(" "))));
  }

  /** Kills it as {@code kill -9} does. What it had said before counts. */
  void kill() {
    process.close();
    process.remainingLines().forEach(this::hear);
    process = null;
  }

  /** Has it write a copy of its store while it works. */
  void backup() {
    Path copy = folder.resolve(name + "-backup-" + ++backups);
    Set<UUID> decided = Set.copyOf(outcomes.keySet());
    boolean copied = talk(Promise.SOUNDNESS, () -> {
      process.writeLine("backup" + ClientChild.TAB + copy);
      answer(each -> each.equals("copied"));
    });
    if (!copied) {
      return;
    }
    backup = new Backup(copy, made.values().stream().flatMap(List::stream).map(ToldPending::id)
        .filter(id -> !unheld.contains(id)).collect(Collectors.toSet()), decided);
  }

  /** Puts the last copy in the place of its store, and starts it on that; does nothing if there is none. */
  void restore() throws IOException {
    if (backup == null) {
      return;
    }
    if (isRunning()) {
      kill();
    }
    Path store = folder.resolve(name);
    Files.move(store, folder.resolve(name + "-before-" + backups));
    Files.move(backup.folder, store);
    for (ToldPending each : made.values().stream().flatMap(List::stream).toList()) {
      if (!backup.decided.contains(each.id())) {
        returned.add(each.id());
        if (!backup.held.contains(each.id())) {
          unheld.add(each.id());
        }
      }
    }
    if (writing != 0) {
      // It may have been pushed before it was gone.
      lost += isTogether(asked.get(writing)) ? asked.get(writing).forms : 1;
      writing = 0;
    }
    forgotten.addAll(made.keySet());
    backup = null;
    start();
  }

  /** How many transactions may be on the server of which nobody heard. */
  int lost() {
    return lost;
  }

  /** Ends it in order. */
  void quit() {
    talk(Promise.SOUNDNESS, () -> {
      process.writeLine("quit");
      int status = process.awaitExit(ANSWER_SECONDS_MAX);
      process.remainingLines().forEach(this::hear);
      process.close();
      process = null;
      if (status != 0) {
        report(Promise.SOUNDNESS, name + " ended with status " + status + "; see " + name + ".log");
      }
    });
  }

  /** Has it want other scopes from now on; does nothing if it holds everything. */
  void scopes(String wanted) {
    if (scopes != null) {
      scopes = wanted;
      if (isRunning()) {
        talk(Promise.SOUNDNESS, () -> process.writeLine("scopes" + ClientChild.TAB + wanted));
      }
    }
  }

  /** Waits until everything is decided; false, with a finding, if it does not come so far. */
  boolean sync() {
    return talk(Promise.CONVERGENCE, () -> {
      process.writeLine("sync");
      String[] cells = answer(each -> each.startsWith("synced" + ClientChild.TAB)).split(ClientChild.TAB);
      if (!cells[2].equals("0")) {
        report(Promise.CONVERGENCE, name + " has " + cells[2] + " pending after it has synced");
      }
    });
  }

  /** Asks its client and the server whether both hold the same; nothing may be under way. False if it does not answer. */
  boolean verify() {
    return talk(Promise.CONVERGENCE, () -> {
      process.writeLine("verify");
      String differences = answer(each -> each.startsWith("verified" + ClientChild.TAB)).split(ClientChild.TAB)[1];
      if (!differences.equals("[]")) {
        report(Promise.CONVERGENCE, "the digests of " + name + " and of the server differ: " + differences);
      }
    });
  }

  /** The line that is waited for; what it says before is heard as well. */
  private String answer(Predicate<String> wanted) {
    return process.awaitLine(each -> {
      hear(each);
      return wanted.test(each);
    }, ANSWER_SECONDS_MAX);
  }

  // ---- writing and listening ----

  /** Tells it to write; what becomes of that is heard later. */
  void write(int label, String kind, String argument) {
    asked.put(label, new Asked(kind, argument, 0));
    talk(Promise.SOUNDNESS, () ->
        process.writeLine(String.join(ClientChild.TAB, "write", Integer.toString(label), kind, argument)));
  }

  /** What the tempid of a write of its own stands for; null if that was not made, or nothing is heard of it yet. */
  Long resolve(int label, String tempid) {
    return made.containsKey(label) && !forgotten.contains(label) ? made.get(label).get(0).tempids().get(tempid) : null;
  }

  /** Hears what it has said meanwhile, and whether it still lives: nobody but the plan may end it. */
  void listen() {
    if (process != null && process.isAlive()) {
      process.takeLines().forEach(this::hear);
    } else if (process != null) {
      process.remainingLines().forEach(this::hear);
      process.close();
      process = null;
      report(Promise.SOUNDNESS, name + " has ended by itself; see " + name + ".log");
    }
  }

  private void hear(String line) {
    String[] cells = line.split(ClientChild.TAB, -1);
    switch (cells[0]) {
      case "opened" -> opened(Long.parseLong(cells[1]), (List<?>) Edn.read(cells[2]));
      case "writing" -> {
        writing = Integer.parseInt(cells[1]);
        asked.computeIfPresent(writing, (label, before) ->
            new Asked(before.kind, before.argument, Integer.parseInt(cells[2])));
      }
      case "made" -> {
        writing = 0;
        made.put(Integer.valueOf(cells[1]), ((List<?>) Edn.read(cells[2])).stream()
            .map(told -> ToldPending.of((Map<?, ?>) told)).toList());
        at(Long.parseLong(cells[3]));
      }
      case "refused" -> writing = 0;
      case "predicted" -> predicted.put(UUID.fromString(cells[1]), ToldPending.datoms((List<?>) Edn.read(cells[2])));
      case "outcome" -> decided(cells);
      case "missing" -> {
        if (!cells[1].isEmpty()) {
          report(Promise.DURABLE, name + " has forgotten " + cells[1] + ", for which transact had returned");
        }
      }
      case "synced" -> at(Long.parseLong(cells[1]));
      case "nothing", "verified", "copied" -> {
        // It saw nothing to write; whoever asked for digests or a copy reads the answer.
      }
      default -> report(Promise.SOUNDNESS, name + " says: " + line);
    }
  }

  private void at(long t) {
    if (t < newestT) {
      report(Promise.MONOTONIC, name + " went back from T " + newestT + " to T " + t);
    }
    newestT = t;
  }

  /** T may go back over a crash, but not before what an outcome had told. */
  private void opened(long t, List<?> pending) {
    newestT = t;
    outcomes.values().stream().filter(each -> !returned.contains(each.id())).mapToLong(Outcome::t).max().ifPresent(told -> {
      if (t < told) {
        report(Promise.MONOTONIC, name + " opened its store at T " + t + ", though it had told an outcome at T " + told);
      }
    });
    List<ToldPending> unknown = new ArrayList<>();
    for (Object each : pending) {
      ToldPending told = ToldPending.of((Map<?, ?>) each);
      if (outcomes.containsKey(told.id()) && !returned.contains(told.id())) {
        report(Promise.DURABLE, name + " has " + told.id() + " pending again, though it was decided");
      } else if (made.values().stream().flatMap(List::stream).noneMatch(known -> known.id().equals(told.id()))) {
        unknown.add(told);
      }
    }
    if (writing != 0 && !unknown.isEmpty()) {
      found(unknown);
    }
    writing = 0;
  }

  /** The write whose transact never returned is in the store: wholly, that is. */
  private void found(List<ToldPending> told) {
    found++;
    made.put(writing, told);
    Asked by = asked.get(writing);
    // What is bound together was given as a list of transactions.
    int there = isTogether(by) ? told.size() : told.get(0).forms().size();
    if (there != by.forms) {
      report(Promise.DURABLE, name + "'s write " + writing + " is there in part: " + told);
    }
  }

  private boolean isTogether(Asked by) {
    return !by.kind.equals("schema") && workload.isTogether(by.kind);
  }

  private void decided(String[] cells) {
    UUID id = UUID.fromString(cells[1]);
    Outcome outcome = new Outcome(id, OutcomeKind.valueOf(cells[2]), Boolean.parseBoolean(cells[3]),
        Long.parseLong(cells[4]), cells[5].equals("null") ? null : Keyword.of(cells[5]), null, List.of());
    Outcome before = outcomes.put(id, outcome);
    if (before != null && before.kind() != outcome.kind()) {
      report(Promise.EXACTLY_ONCE, name + " told of " + id + " that it was " + before.kind() + " and later "
          + outcome.kind());
    }
  }

  // ---- what came of it ----

  /** Everything that it was trusted with, as the checks take it. */
  List<LocalWrite> writes() {
    List<LocalWrite> writes = new ArrayList<>();
    made.forEach((label, all) -> all.forEach(pending -> {
      Asked by = asked.get(label);
      List<Datom> datoms = predicted.get(pending.id());
      // Who sees a part only does not know whether anybody else wrote.
      LocalWrite write = datoms == null || scopes != null ? LocalWrite.found(name, label, by.kind, by.argument, pending)
          : new LocalWrite(name, label, by.kind, by.argument, pending, datoms);
      if (outcomes.containsKey(pending.id())) {
        write.decided(outcomes.get(pending.id()));
      }
      if (returned.contains(pending.id())) {
        write.allowReturn();
        write.mayBeRenumbered();
        write.replaced();
      }
      if (unheld.contains(pending.id())) {
        write.unheld();
      }
      write.boundWith(all.stream().map(ToldPending::id).collect(Collectors.toSet()));
      writes.add(write);
    }));
    return writes;
  }

  /** How many calls of transact never returned and were found in the store later. */
  int found() {
    return found;
  }

  @Override
  public void close() {
    proxy.close();
    if (process != null) {
      process.close();
    }
  }
}
