package dev.rebasis.simulations.check;

import dev.rebasis.client.Database;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.world.ServerFacts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Compares everything that clients were told in the course of a simulation with the server's log at its end, when all
 * is healed and all have caught up. The log is read as datoms; nothing of the decider or of the server's own memory is
 * believed. Confined to one use.
 */
public final class Audit {
  /** The workload was asked. */
  public static final String JUDGED = "judged";

  /** The name under which a program beside the server counts what it never heard of again. */
  private static final String SERVER = "server";

  /** What people do with transactions that were made before. */
  private static final Set<String> REVISITS = Set.of("undo", "retry", "edit", "discard");

  private final List<LocalWrite> writes;
  private final Map<String, Integer> unreturned;
  private final Map<Long, Workload.Committed> serverWrites;
  private final ServerLog log;
  private final boolean holdParts;
  private final List<Finding> findings = new ArrayList<>();

  private Audit(
      List<LocalWrite> writes, Map<String, Integer> unreturned, Map<Long, Workload.Committed> serverWrites,
      ServerLog log, boolean holdParts) {
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
   * @param server what the server holds
   * @param workload what was written
   * @param database the confirmed database of a client that has caught up, null if there is none
   * @param judged told once: {@link #JUDGED} if the workload was asked whether all ended as its operations say, else why not
   * @return what is broken
   */
  public static List<Finding> check(
      List<LocalWrite> writes, Map<String, Integer> unreturned, Pushed pushed,
      Map<Long, Workload.Committed> serverWrites, ServerFacts server, Workload workload, Database database,
      Consumer<String> judged) {
    Audit audit = new Audit(writes, unreturned, serverWrites, new ServerLog(server), !workload.scopes().isEmpty());
    audit.eachOnce();
    audit.allOrNone();
    audit.nothingLost();
    audit.findings.addAll(new EffectCheck(writes, audit.log).findings());
    audit.findings.addAll(new DecisionCheck(writes, pushed, audit.log).findings());
    audit.findings.addAll(new PolicyLaws(workload.schema(), writes, pushed, audit.log).findings());
    audit.findings.addAll(new PredictionCheck(writes, audit.log).findings());
    if (database != null) {
      audit.findings.addAll(new PremiseCheck(writes, pushed, audit.log, database).findings());
    }
    judged.accept(database == null ? "nobody holds everything" : audit.intention(workload, database));
    return audit.findings;
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
      List<UUID> committed = write.together().stream()
          .filter(id -> log.of(id).stream().anyMatch(LoggedTransaction::isCommitted)).toList();
      if (!committed.isEmpty() && committed.size() < write.together().size()) {
        report(Promise.INTENTION, write + " was bound together with others, and of the " + write.together().size()
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
  private String intention(Workload workload, Database database) {
    if (unreturned.containsKey(SERVER)) {
      // Whether its write is there can only be told by what it did.
      return "a program beside the server does not know what it wrote";
    }
    if (writes.stream().anyMatch(LocalWrite::isOnForgotten)) {
      // A sum that was read off a value that is gone is a sum of something else: see the fault atlas.
      return "made on what a restored server forgot";
    }
    Map<UUID, LocalWrite> known = new HashMap<>();
    writes.forEach(write -> known.put(write.id(), write));
    Set<UUID> counted = new HashSet<>();
    List<Workload.Committed> committed = new ArrayList<>();
    for (LoggedTransaction transaction : log.transactions()) {
      LocalWrite write = transaction.isPushed() ? known.get(transaction.id()) : null;
      if (transaction.isPushed() && write == null) {
        // Whoever died in transact has written something that nobody knows; nothing can be added up then.
        return "a client does not know what it wrote";
      }
      if (serverWrites.containsKey(transaction.t())) {
        committed.add(serverWrites.get(transaction.t()));
      }
      if (write != null && transaction.isCommitted() && REVISITS.contains(write.kind()) && !transaction.datoms().isEmpty()) {
        // Somebody has taken something back, or made it again: what was done is no longer what the operations say.
        return "taken back or made again";
      }
      // Several that are bound together are one operation.
      if (write != null && transaction.isCommitted() && workload.kinds().contains(write.kind())
          && counted.addAll(write.together())) {
        committed.add(new Workload.Committed(
            write.client(), write.kind(), write.argument(), transaction.outcome().equals("merged")));
      }
    }
    workload.judge(committed, database).forEach(wrong -> report(Promise.INTENTION, wrong));
    return JUDGED;
  }
}
