package dev.rebasis.simulations.check;

import dev.rebasis.conflict.Conflict;
import dev.rebasis.conflict.Decider;
import dev.rebasis.conflict.Decision;
import dev.rebasis.conflict.LocalIds;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Transaction;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Decides everything that was pushed a second time, on the history that the server's log tells, and compares: outcome,
 * reason, conflicts and datoms. The intents are those that left the clients' programs; the history is kept in plain maps.
 * So whatever lies between a client's intent and the log (the line, the server's reading of its own history, the basis,
 * the commit) has to be right. The decider itself is the product's; the other checks are there for that. Confined to one
 * use.
 */
final class DecisionCheck {
  private static final Keyword TAKEN_UP = Keyword.of(":rebasis.error/taken-up");
  private static final Keyword PREMISE_FAILED = Keyword.of(":rebasis.error/premise-failed");
  /** How a record about a premise begins: what the server answered is {@link PremiseCheck}'s business. */
  private static final String PREMISE_CHANGED = ":rebasis.conflict/premise-changed ";

  private static final long NOBODY = -1;

  private final ServerLog log;
  private final Pushed pushed;
  private final Map<UUID, LocalWrite> known = new HashMap<>();
  private final PlainFacts facts = new PlainFacts();
  private final Map<Long, Map<Long, Long>> made = new HashMap<>();
  private final Map<UUID, Boolean> committed = new HashMap<>();
  private final Map<UUID, Long> times = new HashMap<>();
  private final List<Finding> findings = new ArrayList<>();
  private final GroupCheck groups;
  /** The first transaction of the chain of retries that each belongs to. */
  private final Map<UUID, UUID> chains = new HashMap<>();
  private final Set<UUID> taken = new HashSet<>();

  DecisionCheck(List<LocalWrite> writes, Pushed pushed, ServerLog log) {
    this.log = log;
    this.pushed = pushed;
    this.groups = new GroupCheck(pushed, log);
    writes.forEach(write -> known.put(write.id(), write));
  }

  List<Finding> findings() {
    for (int i = 0; i < log.transactions().size(); i++) {
      LoggedTransaction transaction = log.transactions().get(i);
      if (transaction.isPushed()) {
        judge(transaction, log.facts().transactions().get(i));
        committed.put(transaction.id(), transaction.isCommitted());
        times.put(transaction.id(), transaction.t());
        made.computeIfAbsent(transaction.client(), client -> new HashMap<>()).putAll(transaction.made());
        if (transaction.isCommitted()) {
          noteOwnEntity(transaction);
        }
      }
      facts.add(log.facts().transactions().get(i), transaction.client());
    }
    return findings;
  }

  /** The server need not write down the number of a transaction's own entity, but later ones may mention it. */
  private void noteOwnEntity(LoggedTransaction transaction) {
    pushed.intents().getOrDefault(transaction.id(), Set.of()).forEach(intent ->
        made.get(transaction.client()).put(-intent.txLocalId(), EntityIds.txOf(transaction.t())));
  }

  private void judge(LoggedTransaction transaction, Transaction raw) {
    Set<Intent> intents = pushed.intents().getOrDefault(transaction.id(), Set.of());
    intents.stream().findFirst().ifPresent(intent -> judgeChain(transaction, intent));
    if (intents.isEmpty() && pushed.isAll()) {
      findings.add(new Finding(Promise.EXACTLY_ONCE, "transaction " + transaction.id() + " is in the server's log at T "
          + transaction.t() + ", and left no client's program"));
    }
    List<Finding> least = null;
    for (Intent intent : intents) {
      List<Finding> wrong = judge(transaction, intent, raw);
      least = least == null || wrong.size() < least.size() ? wrong : least;
    }
    if (least != null) {
      findings.addAll(least);
    }
  }

  private List<Finding> judge(LoggedTransaction transaction, Intent intent, Transaction raw) {
    String late = Lateness.wrong(intent, transaction, raw);
    if (late != null) {
      return List.of(new Finding(Promise.PREDICTION, name(intent) + late));
    }
    if (Decider.TOO_LATE.equals(transaction.reason()) || TAKEN_UP.equals(transaction.reason())) {
      return List.of(); // Whether it was taken up is judged with its chain.
    }
    // Of a group that came through each member is decided on what those before it have left, like any other.
    return intent.terms().group() == null || transaction.isCommitted() ? compare(intent, transaction)
        : groups.compare(name(intent), intent, transaction, facts, ids(transaction));
  }

  /** A transaction and those that take it up are one deed: committed once, and refused as done only if it was. */
  private void judgeChain(LoggedTransaction transaction, Intent intent) {
    // What never reached the server (it was set aside on its client) cannot be pointed at.
    UUID chain = chains.getOrDefault(intent.terms().retries(), transaction.id());
    chains.put(transaction.id(), chain);
    boolean done = TAKEN_UP.equals(transaction.reason());
    if (transaction.isCommitted() && !taken.add(chain)) {
      findings.add(new Finding(Promise.EXACTLY_ONCE, "transaction " + transaction.id() + " at T " + transaction.t()
          + " is committed, and so is another of the chain of retries of " + chain));
    } else if (done && !taken.contains(chain)) {
      findings.add(new Finding(Promise.NOTHING_LOST, "transaction " + transaction.id() + " at T " + transaction.t()
          + " is refused as taken up already, but nothing of the chain of " + chain + " is committed"));
    }
  }

  /** Premises are answered by {@link PremiseCheck}; here is everything else about a transaction that has some. */
  private List<Finding> compare(Intent intent, LoggedTransaction transaction) {
    Decision decision = Decider.decide(intent.withTerms(intent.terms().withPremises(List.of())), facts,
        facts.changesAfter(intent.basisT(), ownClient(intent, transaction), reliedOn(intent)), ids(transaction), pushed.rules());
    String name = name(intent);
    List<Finding> wrong = new ArrayList<>();
    if (PREMISE_FAILED.equals(transaction.reason()) && !intent.terms().premises().isEmpty()) {
      if (decision.kind() == OutcomeKind.REJECTED) {
        wrong.add(new Finding(Promise.NOTHING_LOST, name + " is " + transaction.outcome() + because(transaction.reason()) + " at T "
            + transaction.t() + "; whatever became of its premises it ought to be rejected" + because(decision.reason().code())));
      }
      return wrong;
    }
    if (DatomicsOwn.refuses(intent, decision, transaction, facts)) {
      return wrong;
    }
    compareOutcome(name, decision, transaction, wrong);
    if (wrong.isEmpty()) {
      compareConflicts(name, decision, transaction, wrong);
      compareDatoms(name, decision, transaction, wrong);
    }
    return wrong;
  }

  private String name(Intent intent) {
    return known.containsKey(intent.id()) ? known.get(intent.id()).toString() : "transaction " + intent.id();
  }

  /** Whose transactions count as part of the base: nobody's if it takes one back, for then own later ones are remote too. */
  private static long ownClient(Intent intent, LoggedTransaction transaction) {
    return intent.terms().undoes() == null ? transaction.client() : NOBODY;
  }

  /** What the author of a premise saw of other numbers' transactions: a copy of the store had pushed them, and they are named. */
  private Set<Long> reliedOn(Intent intent) {
    Set<Long> own = new HashSet<>();
    if (!intent.terms().premises().isEmpty()) {
      intent.terms().after().stream().filter(times::containsKey).forEach(id -> own.add(EntityIds.txOf(times.get(id))));
    }
    return own;
  }

  private Map<Long, Long> entities(LoggedTransaction transaction) {
    return pushed.entities(transaction.id(), made.getOrDefault(transaction.client(), Map.of()));
  }

  private LocalIds ids(LoggedTransaction decided) {
    Map<Long, Long> entities = entities(decided);
    return new LocalIds() {
      @Override
      public long resolve(long localId) {
        return entities.getOrDefault(-localId, localId);
      }

      @Override
      public boolean hasFailed(UUID transaction) {
        return !committed.getOrDefault(transaction, false);
      }
    };
  }

  private void compareOutcome(String name, Decision decision, LoggedTransaction transaction, List<Finding> wrong) {
    String expected = decision.kind().ident().name();
    Keyword reason = decision.reason() == null ? null : decision.reason().code();
    if (expected.equals(transaction.outcome()) && (reason == null || reason.equals(transaction.reason()))) {
      return;
    }
    // Worse than deserved breaks what the client predicted; better than deserved hides what it took from others.
    boolean worse = decision.kind() == OutcomeKind.ACCEPTED
        || decision.kind().isCommitted() && !transaction.isCommitted();
    wrong.add(new Finding(worse ? Promise.PREDICTION : Promise.NOTHING_LOST, name + " is " + transaction.outcome()
        + because(transaction.reason()) + " at T " + transaction.t() + "; on that history it ought to be " + expected
        + because(reason)));
  }

  private static String because(Keyword reason) {
    return reason == null ? "" : " (" + reason + ")";
  }

  private void compareConflicts(
      String name, Decision decision, LoggedTransaction transaction, List<Finding> wrong) {
    TreeSet<String> expected = new TreeSet<>();
    for (Conflict conflict : decision.conflicts()) {
      long e = transaction.resolve(conflict.e(), entities(transaction));
      expected.add(LoggedTransaction.conflictText(conflict.kind(), EntityIds.isLocal(e) ? null : e, conflict.attribute(),
          conflict.policy(), Edn.write(conflict.base()), Edn.write(conflict.local()), Edn.write(conflict.remote()),
          Edn.write(conflict.resolved()), conflict.remoteTx() > 0 ? conflict.remoteTx() : null));
    }
    TreeSet<String> found = new TreeSet<>(transaction.conflictTexts());
    found.removeIf(text -> text.startsWith(PREMISE_CHANGED));
    if (!found.equals(expected)) {
      boolean missing = !found.containsAll(expected);
      TreeSet<String> common = new TreeSet<>(found);
      common.retainAll(expected);
      expected.removeAll(common);
      found.removeAll(common);
      wrong.add(new Finding(missing ? Promise.NOTHING_LOST : Promise.PREDICTION, name + " at T " + transaction.t()
          + " records other conflicts than there were: missing " + expected + ", instead " + found));
    }
  }

  private void compareDatoms(String name, Decision decision, LoggedTransaction transaction, List<Finding> wrong) {
    Schema after = facts.schema();
    TreeSet<String> expected = texts(decision.datoms(), transaction, after);
    TreeSet<String> found = texts(transaction.datoms(), transaction, after);
    if (!found.equals(expected)) {
      TreeSet<String> missing = new TreeSet<>(expected);
      missing.removeAll(found);
      found.removeAll(expected);
      wrong.add(new Finding(missing.isEmpty() ? Promise.INTENTION : Promise.NOTHING_LOST, name + " at T "
          + transaction.t() + " did something else than its forms say: missing " + missing + ", instead " + found));
    }
  }

  private TreeSet<String> texts(List<Datom> datoms, LoggedTransaction transaction, Schema schema) {
    TreeSet<String> texts = new TreeSet<>();
    Map<Long, Long> earlier = entities(transaction);
    for (Datom datom : datoms) {
      Keyword ident = schema.ident(datom.a());
      if (ident != null && !LoggedTransaction.isOwn(ident)) {
        boolean isRef = schema.attribute(datom.a()) != null && schema.attribute(datom.a()).isRef();
        Object value = isRef && datom.v() instanceof Long id && EntityIds.isLocal(id)
            ? transaction.resolve(id, earlier) : datom.v();
        texts.add((datom.added() ? "+" : "-") + "[" + transaction.resolve(datom.e(), earlier) + " " + ident + " "
            + value + "]");
      }
    }
    return texts;
  }
}
