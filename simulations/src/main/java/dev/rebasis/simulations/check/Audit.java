package dev.rebasis.simulations.check;

import dev.rebasis.client.Database;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.world.ServerFacts;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Compares everything that clients were told in the course of a simulation with the server's log at its end, when all
 * is healed and all have caught up. The log is read as datoms; nothing of the decider or of the server's own memory is
 * believed. Confined to one use.
 */
public final class Audit {
  private static final Keyword HISTORY_INCOMPLETE = Keyword.of(":rebasis.error/history-incomplete");

  /** The workload was asked. */
  public static final String JUDGED = "judged";

  /** The name under which a program beside the server counts what it never heard of again. */
  private static final String SERVER = "server";

  /** What people do with transactions that were made before. */
  private static final Set<String> REVISITS = Set.of("undo", "retry", "edit", "discard", "bind");

  private final List<LocalWrite> writes;
  private final Map<String, Integer> unreturned;
  private final Map<Long, Workload.Committed> serverWrites;
  private final List<Workload.Committed> unknown;
  private final ServerLog log;
  private final boolean holdParts;
  private final List<Finding> findings = new ArrayList<>();

  private Audit(
      List<LocalWrite> writes, Map<String, Integer> unreturned, Map<Long, Workload.Committed> serverWrites,
      List<Workload.Committed> unknown, ServerLog log, boolean holdParts) {
    this.unknown = unknown;
    this.holdParts = holdParts;
    this.writes = writes;
    this.unreturned = unreturned;
    this.serverWrites = serverWrites;
    this.log = log;
  }

  /**
   * Checks everything that the log can tell.
   *
   * @param writes what {@code transact} returned for, on all clients
   * @param unreturned by client, or {@code server} for a program beside it, how many calls of {@code transact} never
   *     returned because somebody died in them; such a transaction may be there or not
   * @param pushed what left the clients' programs
   * @param serverWrites by T, the operations that a program beside the server carried out
   * @param unknown the operations whose writers died in them, so that they may be there or not
   * @param server what the server holds
   * @param workload what was written
   * @param database the confirmed database of a client that has caught up, null if there is none
   * @param judged told once: {@link #JUDGED} if the workload was asked whether all ended as its operations say, the same with
   *     what was left out, or why it was not asked
   * @return what is broken
   */
  public static List<Finding> check(
      List<LocalWrite> writes, Map<String, Integer> unreturned, Pushed pushed,
      Map<Long, Workload.Committed> serverWrites, List<Workload.Committed> unknown, ServerFacts server,
      Workload workload, Database database, Consumer<String> judged) {
    Audit audit = new Audit(writes, unreturned, serverWrites, unknown, new ServerLog(server), !workload.scopes().isEmpty());
    audit.eachOnce();
    audit.allOrNone();
    audit.nothingLost();
    audit.findings.addAll(new EffectCheck(writes, pushed, audit.log).findings());
    audit.findings.addAll(new DecisionCheck(writes, pushed, audit.log).findings());
    audit.findings.addAll(new PolicyLaws(workload.schema(), writes, pushed, audit.log).findings());
    audit.findings.addAll(new PredictionCheck(writes, pushed, audit.log).findings());
    if (database != null) {
      audit.findings.addAll(new PremiseCheck(writes, pushed, audit.log, database).findings());
    }
    judged.accept(database == null ? "nobody holds everything" : audit.intention(workload, pushed, database));
    return audit.findings;
  }

  /** Of two databases at the same T, the first perhaps null, one that still knows what was at an earlier T. */
  public static Database fuller(Database one, Database other) {
    if (one != null) {
      try {
        one.history().datoms(IndexOrder.EAVT).iterator().hasNext();
        return one;
      } catch (RebasisException e) {
        if (!e.code().equals(HISTORY_INCOMPLETE)) {
          throw e;
        }
      }
    }
    return other;
  }

  private void report(Promise promise, String what) {
    findings.add(new Finding(promise, what));
  }

  private void eachOnce() {
    Map<List<Long>, UUID> places = new HashMap<>();
    Map<UUID, LocalWrite> known = new HashMap<>();
    writes.forEach(write -> known.put(write.id(), write));
    int strangers = 0;
    for (UUID id : log.ids()) {
      List<LoggedTransaction> found = log.of(id);
      LoggedTransaction first = found.get(0);
      if (found.size() > 1) {
        report(Promise.EXACTLY_ONCE, name(known, id) + " is in the server's log " + found.size() + " times, at T "
            + found.stream().map(LoggedTransaction::t).toList());
      }
      UUID other = places.put(List.of(first.client(), first.seq()), id);
      if (other != null) {
        report(Promise.EXACTLY_ONCE, "client number " + first.client() + " has two transactions with the number "
            + first.seq() + ": " + name(known, other) + " and " + name(known, id));
      }
      strangers += known.containsKey(id) ? 0 : 1;
    }
    int allowed = unreturned.values().stream().mapToInt(Integer::intValue).sum();
    if (strangers > allowed) {
      report(Promise.EXACTLY_ONCE, strangers + " transactions in the server's log were made by nobody ("
          + allowed + " calls of transact never returned)");
    }
  }

  private static String name(Map<UUID, LocalWrite> known, UUID id) {
    LocalWrite write = known.get(id);
    return write == null ? "transaction " + id : write.toString();
  }

  private void nothingLost() {
    for (LocalWrite write : writes) {
      List<LoggedTransaction> found = log.of(write.id());
      if (write.isWithdrawn() && !found.isEmpty()) {
        report(Promise.EXACTLY_ONCE, write + " was taken back before it was sent, and is in the server's log");
      }
      if (found.isEmpty()) {
        if (write.isLossAllowed() || holdParts && write.isSetAside()) {
          continue;
        }
        report(write.outcome() == null ? Promise.NOTHING_LOST : Promise.DURABLE, write
            + " is not in the server's log"
            + (write.outcome() == null ? "" : ", though " + write.outcome().kind() + " was told"));
        continue;
      }
      LoggedTransaction logged = found.get(0);
      if (!logged.isCommitted() && logged.reason() == null) {
        report(Promise.NOTHING_LOST, write + " was " + logged.outcome() + " without a reason");
      }
      if (write.outcome() != null && !write.isRefusalForgotten()) {
        sameOutcome(write, logged);
      }
    }
  }

  /** Of what was bound together all or none is committed. */
  private void allOrNone() {
    for (LocalWrite write : writes) {
      Set<UUID> together = write.surelyTogether();
      List<UUID> committed = together.stream()
          .filter(id -> log.of(id).stream().anyMatch(LoggedTransaction::isCommitted)).toList();
      if (!committed.isEmpty() && committed.size() < together.size()) {
        report(Promise.INTENTION, write + " was bound together with others, and of the " + together.size()
            + " only " + committed.size() + " were committed");
      }
    }
  }

  private void sameOutcome(LocalWrite write, LoggedTransaction logged) {
    OutcomeKind told = write.outcome().kind();
    if (!told.ident().name().equals(logged.outcome())) {
      report(Promise.NOTHING_LOST, write + " was told to be " + told.ident().name() + ", and the server's log says "
          + logged.outcome());
    }
    if (write.outcome().t() != logged.t()) {
      report(Promise.DURABLE, write + " was told to be at T " + write.outcome().t() + ", and is at T " + logged.t());
    }
    Keyword code = write.outcome().code();
    if (code != null && !code.equals(logged.reason())) {
      report(Promise.NOTHING_LOST, write + " was refused for " + code + ", and the server's log says " + logged.reason());
    }
  }

  /** Whether the workload was asked, or why it could not be. */
  private String intention(Workload workload, Pushed pushed, Database database) {
    Map<UUID, LocalWrite> known = new HashMap<>();
    writes.forEach(write -> known.put(write.id(), write));
    Set<UUID> revisited = new HashSet<>();
    Set<UUID> counted = new HashSet<>();
    List<Workload.Committed> committed = new ArrayList<>();
    Set<UUID> strangers = new HashSet<>();
    for (LoggedTransaction transaction : log.transactions()) {
      if (transaction.isPushed() && !known.containsKey(transaction.id())) {
        strangers.add(transaction.id());
      }
      if (isRevisit(known.get(transaction.id()), transaction)) {
        revisited.addAll(revisitedBy(transaction.id(), pushed));
      }
    }
    for (LoggedTransaction transaction : log.transactions()) {
      if (serverWrites.containsKey(transaction.t())) {
        committed.add(serverWrites.get(transaction.t()));
      }
      LocalWrite write = transaction.isPushed() ? known.get(transaction.id()) : null;
      if (isRevisit(write, transaction)) {
        List<LocalWrite> firsts = revisitedBy(write.id(), pushed).stream().map(known::get).filter(Objects::nonNull).toList();
        if (firsts.isEmpty()) {
          return "nobody knows what was taken back or made again";
        }
        // Whatever it did, it was about what the first one was about.
        firsts.stream().filter(first -> workload.kinds().contains(first.kind()))
            .forEach(first -> committed.add(operation(first, transaction, Workload.Certainty.REVISITED)));
      } else if (write != null && transaction.isCommitted() && workload.kinds().contains(write.kind())
          && counted.addAll(write.madeWith())) {
        // Several that are bound together are one operation.
        committed.add(operation(write, transaction, !Collections.disjoint(revisited, write.madeWith()) ? Workload.Certainty.REVISITED
            : write.isOnForgotten() ? Workload.Certainty.ON_FORGOTTEN : Workload.Certainty.SURE));
      }
    }
    if (!strangers.isEmpty() || unreturned.containsKey(SERVER)) {
      committed.addAll(unknown);
      if (unknown.isEmpty() || unknown.stream().anyMatch(each -> REVISITS.contains(each.kind()))) {
        return "a client does not know what it wrote";
      }
    }
    Set<String> doubts = new TreeSet<>();
    committed.stream().filter(each -> !each.isSure()).forEach(each -> doubts.add(each.certainty().words()));
    if (!doubts.isEmpty() && !workload.judgesUncertain()) {
      return String.join(", ", doubts);
    }
    workload.judge(committed, database).forEach(wrong -> report(Promise.INTENTION, wrong));
    return doubts.isEmpty() ? JUDGED : JUDGED + " but for " + String.join(", ", doubts);
  }

  private static boolean isRevisit(LocalWrite write, LoggedTransaction transaction) {
    return write != null && transaction.isCommitted() && REVISITS.contains(write.kind()) && !transaction.datoms().isEmpty();
  }

  /** What a transaction takes back or makes again, and what that one did, to the first of them. */
  private static Set<UUID> revisitedBy(UUID id, Pushed pushed) {
    Set<UUID> found = new LinkedHashSet<>();
    Deque<UUID> next = new ArrayDeque<>(List.of(id));
    while (!next.isEmpty()) {
      for (Intent intent : pushed.intents().getOrDefault(next.remove(), Set.of())) {
        for (UUID before : new UUID[] {intent.terms().undoes(), intent.terms().retries()}) {
          if (before != null && found.add(before)) {
            next.add(before);
          }
        }
      }
    }
    return found;
  }

  private static Workload.Committed operation(LocalWrite write, LoggedTransaction transaction, Workload.Certainty certainty) {
    return new Workload.Committed(
        write.client(), write.kind(), write.argument(), transaction.outcome().equals("merged"), certainty);
  }
}
