package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Unique;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.Terms;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * Decides an intent. The client predicts with it and the server decides with it. Pure; thread-safe.
 *
 * <p>The steps, each in a class of its own: the forms are read into operations ({@link FormReader}); tempids that mean
 * existing entities, or each other, are found ({@link Upserts}); what others confirmed after the base is compared with
 * the operations and settled by policies ({@link Detection}, {@link Resolution}) or left to a person ({@link Parking});
 * the operations become datoms ({@link Changes}, {@link Uniqueness}, {@link SchemaChanges}). Everything is read through
 * a {@link TracingView}, whose notes are the footprint.
 *
 * <p>The datoms are those that Datomic would make of the same forms on the same database; a differential test holds
 * this. The exceptions:
 *
 * <ul>
 *   <li>Left to the server's Datomic: {@code :db/txInstant}, the repeated {@code :db.alter/attribute} of an attribute
 *       that was altered before, whether an entity id was ever given out
 *       ({@code :db.error/invalid-entity-id}), {@code :db.error/cycle-in-affinity}, and whether an attribute that becomes
 *       unique ever had a value. So a commit may still fail there.
 *   <li>Refused, though Datomic takes it: list forms of the wrong length, reverse attributes that are no references,
 *       {@code :db/txInstant} on any entity, Rebasis's own attributes, {@code "datomic.tx"} as an upsert of another
 *       entity, a tempid with keys of two entities although one of them gives its key up in the same transaction,
 *       entity specs and attribute predicates, text that is no keyword in a composite tuple, the retraction of an entity with
 *       a value of an unknown type ({@code :db/fn}).
 *   <li>Taken, though Datomic refuses it: lookup refs, idents and keyword text as the old value of {@code :db/cas}; keyword
 *       text in a lookup ref; an attribute whose own name begins with an underscore; the retraction of a schema fact from
 *       what is no attribute; a long for a bigint; reverse attributes in nested maps; the same bytes twice in one transaction; tempids that a new
 *       unique value joins with one that means an existing entity, in any order of the forms.
 * </ul>
 */
public final class Decider {
  /** The code of what is decided later than its author wanted. */
  public static final Keyword TOO_LATE = Keyword.of(":rebasis.error/too-late");

  private Decider() {}

  /** Decides by Rebasis's own rules; see {@link #decide(Intent, FactView, RemoteChanges, LocalIds, Rules)}. */
  public static Decision decide(Intent intent, FactView now, RemoteChanges remote, LocalIds ids) {
    return decide(intent, now, remote, ids, Rules.BUILT_IN);
  }

  /**
   * What becomes of an intent on a database value. Never throws for what the intent says: a transaction that cannot be
   * applied is a rejection. A rejection outweighs a parking, a parking a resolved conflict. Only what stands on a
   * transaction that was not committed is parked whatever else is wrong with it.
   *
   * @param intent the transaction as its author gave it
   * @param now the database value to apply it to
   * @param remote what others confirmed after the intent's base
   * @param ids the client's local ids that are confirmed
   * @param rules custom policies, functions, and what may be asked for
   */
  public static Decision decide(Intent intent, FactView now, RemoteChanges remote, LocalIds ids, Rules rules) {
    TracingView view = new TracingView(now);
    if (!isWellFormed(intent)) {
      Problem problem = Problem.reject(Codes.MALFORMED_INTENT, "The intent's tempids need positive local numbers, one of"
          + " them for \"" + Intent.TX_TEMPID + "\".");
      return failed(OutcomeKind.REJECTED, List.of(problem), List.of(), view, Set.of());
    }
    Vocabulary vocabulary = new Vocabulary(view.schema());
    EntityReader entities = new EntityReader(intent, vocabulary, view, remote, ids);
    Situation situation = new Situation(view, remote, rules, entities.introduced(), intent.txLocalId());
    List<Problem> problems = situation.problems();

    checkTerms(intent, ids, situation);
    FunctionCall functions = new FunctionCall(rules, view, entities, vocabulary, intent);
    List<Op> ops = new FormReader(entities, vocabulary, view, problems, functions).read(intent.forms());
    Set<FootprintKey> needs = new HashSet<>(view.reads());
    checkUsedAsValue(ops, entities, situation);
    Upserts upserts = new Upserts(view, remote, entities.introduced(), intent.txLocalId());
    ops = upserts.resolve(ops, situation);
    Dependencies.note(ops, situation, intent.terms().undoes() != null);
    if (rules.decidesTogether()) {
      new Together(situation, new PolicyChoice(rules, intent.terms(), new TracingView(now))).note(ops);
    }
    Dependencies.needs(ops, situation, needs);
    ops = settle(intent, now, ops, entities, functions, situation);
    List<Datom> datoms = new Changes(situation).of(ops);
    SchemaChanges.complete(datoms, ops, situation);
    PolicyChoice.check(datoms, situation);
    return problems.isEmpty()
        ? committed(entities, datoms, upserts, situation, needs)
        : notCommitted(situation, needs);
  }

  /** What meets remote changes, or moved with a predecessor, as the policies leave it. */
  private static List<Op> settle(
      Intent intent, FactView now, List<Op> ops, EntityReader entities, FunctionCall functions, Situation situation) {
    // What takes a transaction back works from that one's T, and own later edits are no base for it.
    List<Terms.Seen> told = intent.terms().undoes() == null ? intent.terms().seen() : List.of();
    SeenValues seen = new SeenValues(told, situation.view().schema(), entities::resolveLocal);
    if (situation.remote().isEmpty() && seen.isEmpty()) {
      return ops;
    }
    // Untraced: what detection looks at is noted already, and the footprint must not depend on who else wrote.
    TracingView untraced = new TracingView(now);
    PolicyChoice policies = new PolicyChoice(situation.rules(), intent.terms(), untraced);
    AttributeChanges.check(ops.stream().filter(op -> !isMadeInSight(op, functions)).toList(), situation);
    List<Op> settled = new Detection(situation, untraced, seen, policies, functions).resolve(ops);
    if (!situation.remote().isEmpty()) {
      new Parking(situation, untraced).check(settled, intent.terms().undoes() != null);
    }
    return settled;
  }

  private static boolean isMadeInSight(Op op, FunctionCall functions) {
    return op instanceof Op.Add add && functions.isMadeInSight(op, add.a());
  }

  /** Predecessors and premises. */
  private static void checkTerms(Intent intent, LocalIds ids, Situation situation) {
    for (UUID predecessor : intent.terms().after()) {
      if (ids.hasFailed(predecessor)) {
        situation.problems().add(Problem.park(Codes.PREDECESSOR, "The transaction " + predecessor + ", which this one"
            + " stands on, was not committed; this one waits with it.", Problem.PREDECESSOR, predecessor)
            .with(Conflict.waiting(ConflictKinds.PREDECESSOR, situation.tx(), predecessor)));
      }
    }
    for (Terms.Premise premise : intent.terms().premises()) {
      PremiseFailure.check(premise, ids, situation);
    }
  }

  /**
   * What the author saw where a pending predecessor had written: for {@link Terms#seen()}. It is noted whatever the policy,
   * for which one applies is known only when the intent is decided: others may set another one until then, and the
   * server may not allow the one that was asked for.
   *
   * @param decision the decision about the intent as it is made
   * @param intent the intent
   * @param view the value that it was decided on
   * @param written whether a pending transaction wrote on {@code (e a)}
   */
  public static List<Terms.Seen> seen(
      Decision decision, Intent intent, FactView view, Predicate<FootprintKey.EntityAttribute> written) {
    List<Terms.Seen> seen = new ArrayList<>();
    if (intent.terms().undoes() != null) {
      return seen; // its base is what it undoes
    }
    TracingView reader = new TracingView(view);
    for (FootprintKey key : decision.footprint().reads()) {
      if (key instanceof FootprintKey.EntityAttribute place && written.test(place)) {
        Attribute attribute = view.schema().attribute(place.a());
        if (attribute != null && !attribute.isMany()) {
          seen.add(new Terms.Seen(place.e(), attribute.ident(), reader.values(place.e(), attribute)));
        }
      }
    }
    seen.sort(Comparator.comparing(Terms.Seen::attribute).thenComparing(Terms.Seen::e));
    return seen;
  }

  /**
   * The rejection of what comes later than its author wanted ({@link Terms#notAfter()}).
   *
   * @param at when it is decided
   * @return null if it comes in time
   */
  public static Decision tooLate(Intent intent, Instant at) {
    Instant notAfter = intent.terms().notAfter();
    if (notAfter == null || !at.isAfter(notAfter)) {
      return null;
    }
    Reason reason = new Reason(
        TOO_LATE, "The transaction was to be decided by " + notAfter + " and came at " + at + ".", Map.of());
    return new Decision(
        OutcomeKind.REJECTED, List.of(), Map.of(), Map.of(), List.of(), reason, Footprint.EMPTY, Set.of());
  }

  /** Whether a changed datom may change every decision: it is about attributes, idents or policies. */
  public static boolean bearsOnAll(Datom datom, Schema schema) {
    return SystemIds.isSchemaAttribute(datom.a()) || PolicyChoice.isAboutPolicies(datom, schema);
  }

  /** What is wrong with policies that someone asks for, as an error to throw; null if they can be meant. */
  public static TransactionException unknownPolicy(Iterable<Terms.PolicyRef> asked, Rules rules) {
    Problem problem = PolicyChoice.unknownAmong(asked, rules);
    return problem == null ? null : new TransactionException(problem.code(), problem.message(), problem.data());
  }

  /**
   * What is wrong with the attributes for which someone asks for policies, as an error to throw; null if each is there and
   * its policy works on its type.
   */
  public static TransactionException unfitPolicy(Map<Keyword, Terms.PolicyRef> asked, Schema schema, Rules rules) {
    Problem problem = PolicyChoice.unfitAmong(asked, schema, rules);
    return problem == null ? null : new TransactionException(problem.code(), problem.message(), problem.data());
  }

  private static boolean isWellFormed(Intent intent) {
    if (!intent.tempids().containsKey(Intent.TX_TEMPID)) {
      return false;
    }
    for (long number : intent.tempids().values()) {
      if (number <= 0) {
        return false;
      }
    }
    return true;
  }

  /** A new entity that only stands as a value would have no datom of its own, which is most likely a typing error. */
  private static void checkUsedAsValue(List<Op> ops, EntityReader entities, Situation situation) {
    Map<Long, Object> used = entities.usedAsValue();
    if (used.isEmpty() || !situation.problems().isEmpty()) {
      return;
    }
    Set<Long> written = new HashSet<>();
    written.add(situation.tx());
    for (Op op : ops) {
      written.add(op.e());
    }
    used.forEach((id, form) -> {
      if (!written.contains(id)) {
        situation.problems().add(Problem.reject(Codes.TEMPID_NOT_AN_ENTITY, "The tempid " + entities.name(id)
            + " is used only as a value in " + Text.of(form) + ". Give the entity at least one attribute.",
            Problem.ENTITY, entities.name(id), Problem.FORM, form));
      }
    });
  }

  private static Decision committed(
      EntityReader entities, List<Datom> datoms, Upserts upserts, Situation situation, Set<FootprintKey> needs) {
    Map<String, Long> tempids = new HashMap<>();
    Map<Long, Long> numbers = new HashMap<>();
    entities.tempids().forEach((name, number) -> {
      long means = upserts.meaning(-number);
      tempids.put(name, means);
      numbers.put(number, means);
    });
    List<Conflict> conflicts = situation.conflicts();
    OutcomeKind kind = conflicts.isEmpty() ? OutcomeKind.ACCEPTED : OutcomeKind.MERGED;
    return new Decision(
        kind, datoms, tempids, numbers, conflicts, null, footprint(datoms, situation.view()), needs);
  }

  private static Decision notCommitted(Situation situation, Set<FootprintKey> needs) {
    // Datomic finds contradictions inside a transaction before it looks for unique values.
    List<Problem> problems = AttributeChanges.explained(situation.problems(), situation);
    // Without its predecessor much in it is wrong that may be right again with it.
    boolean waits = problems.stream().anyMatch(problem -> problem.code() == Codes.PREDECESSOR);
    List<Problem> rejections = problems.stream()
        .filter(problem -> !problem.parks() && !waits)
        .sorted(Comparator.comparing(problem -> problem.code() == Codes.UNIQUE_CONFLICT))
        .toList();
    // Only what a person has to settle: the others would be resolved anew after a retry.
    List<Conflict> open = situation.conflicts().stream().filter(situation.open()::contains).toList();
    if (rejections.isEmpty()) {
      return failed(OutcomeKind.PARKED, problems, met(open, problems), situation.view(), needs);
    }
    boolean byPolicy = rejections.get(0).code() == Codes.CONFLICT_REJECTED;
    return failed(
        OutcomeKind.REJECTED, rejections, met(byPolicy ? open : List.of(), rejections), situation.view(), needs);
  }

  private static List<Conflict> met(List<Conflict> open, List<Problem> problems) {
    Set<Conflict> all = new LinkedHashSet<>(open);
    problems.stream().map(Problem::conflict).filter(Objects::nonNull).forEach(all::add);
    // That an entity of a transaction is missing says nothing more once the transaction itself is named.
    if (all.stream().anyMatch(Decider::namesPredecessor)) {
      all.removeIf(one -> one.kind() == ConflictKinds.PREDECESSOR && !namesPredecessor(one));
    }
    return List.copyOf(all);
  }

  private static boolean namesPredecessor(Conflict conflict) {
    return conflict.kind() == ConflictKinds.PREDECESSOR && conflict.base().get(0) instanceof UUID;
  }

  private static Decision failed(OutcomeKind kind, List<Problem> problems, List<Conflict> conflicts,
      TracingView view, Set<FootprintKey> needs) {
    return new Decision(kind, List.of(), Map.of(), Map.of(), conflicts, Problem.reason(problems),
        footprint(List.of(), view), needs);
  }

  private static Footprint footprint(List<Datom> datoms, TracingView view) {
    Set<FootprintKey> writes = new HashSet<>();
    for (Datom datom : datoms) {
      writes.add(new FootprintKey.EntityAttribute(datom.e(), datom.a()));
      Attribute attribute = view.schema().attribute(datom.a());
      if (attribute.unique() != Unique.NONE) {
        writes.add(new FootprintKey.AttributeValue(datom.a(), datom.v()));
      }
    }
    Set<FootprintKey> reads = view.reads();
    reads.addAll(writes);
    return new Footprint(reads, writes);
  }
}
