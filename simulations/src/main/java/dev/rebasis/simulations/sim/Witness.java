package dev.rebasis.simulations.sim;

import dev.rebasis.client.Database;
import dev.rebasis.client.Outcome;
import dev.rebasis.client.Pending;
import dev.rebasis.client.TxReport;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.protocol.Fork;
import dev.rebasis.protocol.Intent;
import dev.rebasis.simulations.check.Finding;
import dev.rebasis.simulations.check.LocalWrite;
import dev.rebasis.simulations.check.OwnWrites;
import dev.rebasis.simulations.check.Promise;
import dev.rebasis.simulations.workload.Invariant;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.world.ClientNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Watches a simulation as it goes: remembers what programs were told, and checks at once what can be checked at once,
 * such as that T never goes back and that nothing acknowledged is gone after a crash. Confined to one play.
 */
final class Witness {
  private final Workload workload;
  /** What must hold of what clients see. */
  final Laws laws;
  /** What must hold of the server's log. */
  final ServerWatch server;
  private final Tally tally;
  private final List<Finding> findings = new ArrayList<>();
  private final Map<UUID, LocalWrite> writes = new LinkedHashMap<>();
  /** What is bound together. */
  final Bindings bindings = new Bindings(writes);
  private final Meetings meetings;
  private final Map<UUID, List<Datom>> predicted = new HashMap<>();
  private final Map<String, Long> newestT = new HashMap<>();
  private final Map<String, Long> durableT = new HashMap<>();
  private final WaysBack waysBack = new WaysBack();
  private long forkT;
  private final LostCalls lost;
  private final Map<UUID, Set<Intent>> pushed = new HashMap<>();
  private final Map<UUID, Map<Long, Long>> known = new HashMap<>();
  private final Map<Long, Workload.Committed> serverWrites = new HashMap<>();

  Witness(Workload workload, List<Invariant> invariants, Tally tally) {
    this.workload = workload;
    this.tally = tally;
    this.lost = new LostCalls(workload);
    this.meetings = new Meetings(tally);
    this.laws = new Laws(workload, invariants, tally, this::report);
    this.server = new ServerWatch(tally, this::report);
  }

  List<Finding> findings() {
    return findings;
  }

  void report(Promise promise, String what) {
    Finding finding = new Finding(promise, what);
    if (!findings.contains(finding)) {
      findings.add(finding);
    }
  }

  /** The write of this id, null if no program was told of it. */
  LocalWrite write(UUID id) {
    return writes.get(id);
  }

  List<LocalWrite> writes() {
    return List.copyOf(writes.values());
  }

  /** Calls that made transactions and did not return. */
  LostCalls lost() {
    return lost;
  }

  Map<Long, Workload.Committed> serverWrites() {
    return serverWrites;
  }

  Map<UUID, Set<Intent>> pushed() {
    return pushed;
  }

  Map<UUID, Map<Long, Long>> known() {
    return known;
  }

  /** An intent leaves its client's program, with the entities that the client names in that message. */
  void pushes(Intent intent, Map<Long, Long> named) {
    pushed.computeIfAbsent(intent.id(), id -> new LinkedHashSet<>()).add(intent);
    // The copies of a store name what each of them knows: all of it is about the same transaction.
    known.computeIfAbsent(intent.id(), id -> new HashMap<>()).putAll(named);
  }

  // ---- what programs are told ----

  /** A client has opened its store: what it was trusted with must be there. */
  void opened(ClientNode node) {
    String name = node.name();
    node.client().onTxReport(report -> {
      if (report.kind() == TxReport.Kind.OPTIMISTIC) {
        predicted.put(report.pending().id(), report.datoms());
      }
    });
    node.client().onOutcome(outcome -> decided(name, outcome));
    tally.check();
    long t = node.client().confirmed().basisT();
    long before = durableT.getOrDefault(name, 0L);
    if (t < before) {
      report(Promise.MONOTONIC, name + " opened its store at T " + t + ", though it had told an outcome at T " + before);
    }
    newestT.put(name, t);
    adopt(node);
    Set<UUID> pending = new LinkedHashSet<>();
    node.client().pending().forEach(each -> {
      pending.add(each.id());
      if (writes.containsKey(each.id())) {
        writes.get(each.id()).reopened(each);
      }
    });
    for (LocalWrite write : writes.values()) {
      if (write.client().equals(name) && write.outcome() != null && pending.contains(write.id())
          && !write.isReturnAllowed()) {
        report(Promise.DURABLE, write + " is pending again, though it was " + write.outcome().kind());
      }
    }
    stillThere(node, pending);
  }

  /** A write whose transact never returned is in the store wholly, or not at all and then never will be. */
  private void adopt(ClientNode node) {
    LostCalls.Lost last = lost.takeLast(node.name());
    if (last == null) {
      return;
    }
    for (Pending each : adopt(last.step(), node)) {
      if (last.forms() >= 0 && each.forms().size() != last.forms()) {
        report(Promise.DURABLE, writes.get(each.id()) + " was made of " + last.forms() + " forms, and "
            + each.forms().size() + " of them are in the store");
      }
    }
    lost.found(last);
  }

  /** What a client has pending and no program was told of, a step has made. */
  List<Pending> adopt(Step step, ClientNode node) {
    List<Pending> found = new ArrayList<>();
    for (Pending each : node.client().pending()) {
      if (!writes.containsKey(each.id())) {
        writes.put(each.id(), LocalWrite.found(node.name(), step.label(), step.kind(), step.operation(), each));
        meetings.begins(each.id(), Set.of());
        found.add(each);
      }
    }
    return found;
  }

  /** What is neither pending nor decided as far as its program knows must have been decided by the server. */
  private void stillThere(ClientNode node, Set<UUID> pending) {
    if (waysBack.isOpen(node.name()) && node.client().confirmed().basisT() == 0) {
      // It has heard that the server went back and loads anew; at the end of that its own transactions are pending again.
      return;
    }
    Set<UUID> known = new LinkedHashSet<>(pending);
    node.client().conflicts().forEach(record -> known.add(record.id()));
    for (LocalWrite write : writes.values()) {
      if (write.client().equals(node.name()) && write.outcome() == null && !known.contains(write.id())
          && !write.isLossAllowed() && !OwnWrites.isConfirmed(write.id(), node.client().confirmed())) {
        report(Promise.DURABLE, write + " is not in the client's store any more after it was opened again");
      }
    }
  }

  void made(ClientNode node, Step step, Pending pending, Set<Fault> active) {
    String client = node.name();
    Database db = node.client().db();
    boolean seesPart = node.client().scopes() != null;
    List<Datom> datoms = predicted.getOrDefault(pending.id(), List.of());
    // Who sees a part only does not know whether anybody else wrote.
    LocalWrite write = predicted.containsKey(pending.id()) && !seesPart
        ? new LocalWrite(client, step.label(), step.kind(), step.operation(), pending, datoms)
        : LocalWrite.found(client, step.label(), step.kind(), step.operation(), pending);
    writes.put(write.id(), write);
    write.madeOn(node.client().pending());
    if (waysBack.isOpen(client)) {
      // Made on a T that the server has forgotten, and the client does not know that yet.
      write.mayBeRenumbered();
      write.standsOnForgotten();
    }
    meetings.begins(write.id(), active);
    tally.operation(step.kind());
    tally.check();
    if (node.client().confirmed().basisT() > pending.basisT() || waysBack.isOpen(client)) {
      // What others confirmed came in while it was made, and may have set it aside already; or the database went another way.
      return;
    }
    for (Datom datom : datoms) {
      boolean there = db.datoms(IndexOrder.EAVT, datom.e(), datom.a(), datom.v()).iterator().hasNext();
      if (there != datom.added()) {
        report(Promise.MONOTONIC, write + " is not seen by its own client: " + datom);
      }
    }
  }

  void madeByServer(long t, Step step) {
    tally.operation(step.kind());
    if (!workload.kinds().contains(step.kind())) {
      return;
    }
    serverWrites.put(t, new Workload.Committed(Step.SERVER, step.kind(), step.operation(), false, Workload.Certainty.SURE));
  }

  void neverReturned(Step step, int forms) {
    neverReturned(step, forms, 1);
  }

  /**
   * A call that makes transactions did not return.
   *
   * @param forms of how many each of them is made; -1 if that is not known, nor how many they are
   * @param transactions how many
   */
  void neverReturned(Step step, int forms, int transactions) {
    lost.add(step, forms, forms < 0 ? writes.size() + 1 : transactions);
  }

  private void decided(String client, Outcome outcome) {
    LocalWrite write = writes.get(outcome.id());
    tally.outcome(outcome.kind().ident().name());
    // On a slow disk a client tells of what it had heard before the server went back, and nothing of that holds.
    boolean isForgotten = waysBack.isOpen(client) && outcome.t() > forkT;
    if (!isForgotten) {
      durableT.merge(client, outcome.t(), Math::max);
    }
    if (write == null) {
      return;
    }
    if (write.outcome() != null && write.outcome().kind() != outcome.kind() && !write.isRefusalForgotten()
        && !(write.isSetAside() && write.isReturnAllowed())) {
      report(Promise.EXACTLY_ONCE, write + " was told to be " + write.outcome().kind() + " and later " + outcome.kind());
    }
    write.decided(outcome);
    if (isForgotten) {
      forget(write);
    }
    meetings.decided(write, outcome);
  }

  /** A fault strikes a client, or all of them if it is the server's: their undecided writes have met it. */
  void struck(String node, Fault fault) {
    for (LocalWrite write : writes.values()) {
      if (write.outcome() == null && (node.equals(Step.SERVER) || node.equals(write.client()))) {
        meetings.with(write.id(), fault);
      }
    }
  }

  // ---- what goes back in time ----

  /** A client's store is in use twice from now on: whichever copy pushes first decides under which number. */
  void copied(String client) {
    writes.values().stream().filter(write -> write.client().equals(client) && write.outcome() == null)
        .forEach(write -> {
          write.mayBeRenumbered();
          // The other copy may hear what became of it first.
          write.allowReturn();
          write.replaced();
        });
  }

  /**
   * A client's store was replaced by another one.
   *
   * @param held the writes of this client that the other one holds
   * @param decided those of them whose outcome it holds as well: these cannot be pending again
   * @param known what it knows of the server's past
   */
  void storeReplaced(String client, Set<UUID> held, Set<UUID> decided, WaysBack.Known known) {
    waysBack.replaced(client, known);
    for (LocalWrite write : writes.values()) {
      if (write.client().equals(client) && !decided.contains(write.id())) {
        write.allowReturn();
        write.mayBeRenumbered();
        write.replaced();
        if (!held.contains(write.id())) {
          write.unheld();
        }
      }
    }
    // It is not looked at before it runs again, and may go back by then.
    newestT.put(client, 0L);
    durableT.remove(client);
    // What a call of transact left behind that never returned may be in either store, or have been pushed by then.
    lost.takeLast(client);
  }

  /** What the store of a client knows of the server's past now. */
  WaysBack.Known known(String client) {
    return waysBack.known(client);
  }

  /**
   * The server has forgotten everything after a T: its clients push again what is their own.
   *
   * @param forks how many forks its database has from now on
   */
  void serverWentBack(long t, int forks) {
    server.wentBack(t);
    serverWrites.keySet().removeIf(later -> later > t);
    for (LocalWrite write : writes.values()) {
      if (write.isWithdrawn()) {
        continue; // The server never knew of it.
      }
      if (write.outcome() == null || write.outcome().t() > t) {
        if (write.pending().basisT() > t) {
          write.standsOnForgotten();
        }
        forget(write);
      }
    }
    forkT = t;
    waysBack.serverWentBack(newestT.keySet(), forks);
    durableT.clear();
  }

  private static void forget(LocalWrite write) {
    if (write.outcome() == null || write.outcome().isCommitted()) {
      write.undecided();
    } else {
      write.refusalForgotten();
    }
    write.allowReturn();
    write.mayBeRenumbered();
  }

  /**
   * A client was told of these forks: who stands at the fork or before it had nothing to forget, and from now on nothing of
   * its own stands on what is forgotten.
   *
   * @param saidT what it said before that it holds: on a slow disk it shows that only later
   */
  void welcomed(ClientNode node, long saidT, List<Fork> forks) {
    waysBack.welcomed(node.name(), Math.max(saidT, node.client().confirmed().basisT()), forks);
  }

  /** A client has stored what its server holds, and so what it had heard before that. */
  void level(String client) {
    waysBack.level(client);
  }

  // ---- what can be looked at while it goes on ----

  void look(ClientNode node) {
    Database confirmed = node.client().confirmed();
    long before = newestT.getOrDefault(node.name(), 0L);
    if (confirmed.basisT() < before && !waysBack.goes(node.name())) {
      report(Promise.MONOTONIC, node.name() + " went back from T " + before + " to T " + confirmed.basisT());
    }
    newestT.put(node.name(), confirmed.basisT());
  }

  /** What is pending stays visible, but where somebody takes back what was made before it. */
  void lookAtPending(ClientNode node) {
    String name = node.name();
    boolean tookBack = writes.values().stream()
        .anyMatch(write -> write.client().equals(name) && write.isTakenBack());
    if (node.client().scopes() == null && !tookBack && !waysBack.isOpen(name)) {
      tally.check();
      OwnWrites.hidden(node.client().pending(), writes::get, node.client().confirmed().basisT(), node.client().db())
          .forEach(hidden -> report(Promise.MONOTONIC, hidden));
    }
  }

  /** What a client set aside by itself, since it may no longer see what that touches, waits there for a person. */
  void keptAside(ClientNode node) {
    OwnWrites.forgotten(node.name(), writes.values(), node.client().conflicts())
        .forEach(forgotten -> report(Promise.NOTHING_LOST, forgotten));
  }
}
