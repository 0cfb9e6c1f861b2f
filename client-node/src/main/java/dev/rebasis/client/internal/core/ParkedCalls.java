package dev.rebasis.client.internal.core;

import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.Dependents;
import dev.rebasis.client.Discarded;
import dev.rebasis.client.Pending;
import dev.rebasis.client.Retry;
import dev.rebasis.client.TransactionOptions;
import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.conflict.Decider;
import dev.rebasis.conflict.IntentBuilder;
import dev.rebasis.conflict.IntentCut;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Terms;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * What a person does about parked and rejected transactions. Each call is one write of the log: after a crash it has
 * happened or not. Thread-safe; two calls about one transaction come one after the other.
 *
 * <p>The members of a group are dealt with together, as they were made together: retried as a group of the same order, or
 * given up.
 */
final class ParkedCalls {
  /** What is made together or not at all: the members of a group, or one transaction. */
  private record Unit(List<ConflictRecord> parked, List<Making> makings) {}

  /** What of a transaction is to be otherwise; null where it is not. */
  private record Edit(Object forms, TransactionOptions options) {
    static final Edit NONE = new Edit(null, null);
  }

  private final ClientLog log;
  private final CoreState state;
  private final TermsBuilder terms;
  private final Tally tally;

  ParkedCalls(ClientLog log, CoreState state, TermsBuilder terms, Tally tally) {
    this.log = log;
    this.state = state;
    this.terms = terms;
    this.tally = tally;
  }

  /** Those that nobody has dealt with, by rising sequence number. */
  List<ConflictRecord> open() {
    return log.reads().conflicts().stream().filter(record -> record.state() == ConflictRecord.State.OPEN).toList();
  }

  /**
   * Makes a transaction again, with its group, and then what waits with it.
   *
   * @param forms other forms, or null
   * @param options other options, or null
   */
  synchronized Retry retry(UUID id, Object forms, TransactionOptions options) {
    List<ConflictRecord> open = open();
    List<ConflictRecord> root = withItsGroup(id, open);
    Map<UUID, Edit> edited = Map.of(id, new Edit(forms, options));
    List<Unit> units = new ArrayList<>(List.of(unit(root, edited)));
    byGroup(dependents(root, open)).forEach(waiting -> units.add(unit(waiting, Map.of())));

    List<List<Pending>> made = make(units, 1, List.of());
    int which = root.stream().map(ConflictRecord::id).toList().indexOf(id);
    List<Pending> others = new ArrayList<>(made.get(0));
    Pending asked = others.remove(which);
    made.subList(1, made.size()).forEach(others::addAll);
    return new Retry(asked, others, leftOut(units, made));
  }

  /** Gives a transaction up, with its group. */
  synchronized Discarded discard(UUID id, Dependents how) {
    List<ConflictRecord> open = open();
    List<ConflictRecord> given = new ArrayList<>(withItsGroup(id, open));
    Set<Long> cut = new HashSet<>();
    given.forEach(record -> cut.addAll(introduced(record)));
    List<Unit> units = new ArrayList<>();
    for (List<ConflictRecord> waiting : byGroup(dependents(given, open))) {
      Map<UUID, Edit> rest = how == Dependents.DISCARD ? Map.of() : rest(waiting, cut);
      List<ConflictRecord> kept = waiting.stream().filter(record -> rest.containsKey(record.id())).toList();
      waiting.stream().filter(record -> !kept.contains(record)).forEach(record -> {
        cut.addAll(introduced(record));
        given.add(record);
      });
      if (!kept.isEmpty()) {
        units.add(unit(kept, rest));
      }
    }
    List<List<Pending>> made = make(units, 0, given);
    return new Discarded(made.stream().flatMap(List::stream).toList(), leftOut(units, made));
  }

  /** What is left of the forms of each once these local ids are cut out; nothing of those of which nothing is left. */
  private Map<UUID, Edit> rest(List<ConflictRecord> records, Set<Long> cut) {
    Map<UUID, Edit> rest = new HashMap<>();
    for (ConflictRecord record : records) {
      List<Object> forms = IntentCut.without(
          log.reads().decided(record.id()).forms(), cut, state.views().optimistic().schema());
      if (!forms.isEmpty()) {
        rest.put(record.id(), new Edit(forms, null));
      }
    }
    return rest;
  }

  private Set<Long> introduced(ConflictRecord record) {
    Set<Long> local = new HashSet<>();
    log.reads().decided(record.id()).tempids().values().forEach(number -> local.add(-number));
    return local;
  }

  /** The transaction, and the others of its group that wait too, in order. */
  private List<ConflictRecord> withItsGroup(UUID id, List<ConflictRecord> open) {
    ConflictRecord record = open.stream().filter(one -> one.id().equals(id)).findFirst().orElseThrow(() -> notOpen(id));
    UUID group = group(record);
    return group == null ? List.of(record) : open.stream().filter(one -> group.equals(group(one))).toList();
  }

  private UUID group(ConflictRecord record) {
    Terms.Group group = log.reads().decided(record.id()).terms().group();
    return group == null ? null : group.id();
  }

  /** What waits with transactions, in order: what stands on them, what stands on that, and so on, and their groups. */
  private List<ConflictRecord> dependents(List<ConflictRecord> roots, List<ConflictRecord> open) {
    Set<UUID> standing = new HashSet<>();
    roots.forEach(root -> standing.add(root.id()));
    Set<ConflictRecord> found = new LinkedHashSet<>();
    for (ConflictRecord record : open) {
      boolean waits = log.reads().decided(record.id()).terms().after().stream().anyMatch(standing::contains);
      if (waits && !standing.contains(record.id())) {
        for (ConflictRecord one : withItsGroup(record.id(), open)) {
          standing.add(one.id());
          found.add(one);
        }
      }
    }
    return List.copyOf(found);
  }

  private Collection<List<ConflictRecord>> byGroup(List<ConflictRecord> records) {
    Map<UUID, List<ConflictRecord>> units = new LinkedHashMap<>();
    for (ConflictRecord record : records) {
      UUID group = group(record);
      units.computeIfAbsent(group == null ? record.id() : group, key -> new ArrayList<>()).add(record);
    }
    return units.values();
  }

  /**
   * The same intents anew, as a group of its own if they are several.
   *
   * @param edited what those shall have otherwise that are to be edited
   */
  private Unit unit(List<ConflictRecord> records, Map<UUID, Edit> edited) {
    UUID[] group = new UUID[1];
    // By the server's clock, which this machine's may be behind.
    boolean tooLate = records.stream().anyMatch(record -> Decider.TOO_LATE.equals(record.outcome().code()));
    List<Making> makings = new ArrayList<>();
    for (ConflictRecord record : records) {
      Intent old = log.reads().decided(record.id());
      int index = makings.size();
      makings.add((before, numbers) -> {
        Intent again = again(old, edited.getOrDefault(old.id(), Edit.NONE), tooLate, before, numbers);
        if (records.size() == 1) {
          return again;
        }
        group[0] = index == 0 ? numbers.newId() : group[0];
        return again.withTerms(again.terms().withGroup(new Terms.Group(group[0], records.size(), index)));
      });
    }
    return new Unit(records, makings);
  }

  /** The same intent anew, on the present view. Its entities keep their local ids: they were never confirmed. */
  private Intent again(Intent old, Edit edit, boolean tooLate, DatabaseValue before, Making.Numbers numbers) {
    List<Object> completed = old.forms();
    Map<String, Long> tempids = old.tempids();
    if (edit.forms() != null) {
      IntentBuilder.Completed edited =
          IntentBuilder.complete(edit.forms(), before.schema(), old.tempids(), numbers::nextLocal);
      completed = edited.forms();
      tempids = IntentCut.mentioned(edited.tempids(), completed);
    }
    Instant now = numbers.now();
    Terms again = edit.options() == null
        ? terms.again(old.terms(), old.id(), before, tooLate ? Instant.MAX : now)
        : terms.of(edit.options(), completed, before).retrying(old.id()).undoing(old.terms().undoes());
    return new Intent(numbers.newId(), numbers.seq(), before.basisT(), now, completed, tempids, again);
  }

  /** Makes units, and notes in the same write what they take up and what is given up. */
  private List<List<Pending>> make(List<Unit> units, int required, List<ConflictRecord> givenUp) {
    List<List<Pending>> made = state.makeEach(units.stream().map(Unit::makings).toList(), required, intents -> {
      List<LogEntry> entries = new ArrayList<>();
      givenUp.forEach(record -> entries.add(new LogEntry.DealtWith(record.id(), null)));
      intents.forEach(unit -> unit.forEach(
          intent -> entries.add(new LogEntry.DealtWith(intent.terms().retries(), intent.id()))));
      return entries;
    });
    givenUp.forEach(tally::dealtWith);
    for (int i = 0; i < units.size(); i++) {
      if (!made.get(i).isEmpty()) {
        units.get(i).parked().forEach(tally::dealtWith);
      }
    }
    return made;
  }

  /** What could not be made now either: it stays parked, where its author finds it. */
  private static List<UUID> leftOut(List<Unit> units, List<List<Pending>> made) {
    List<UUID> left = new ArrayList<>();
    for (int i = 0; i < units.size(); i++) {
      if (made.get(i).isEmpty()) {
        units.get(i).parked().forEach(record -> left.add(record.id()));
      }
    }
    return left;
  }

  private static RebasisException notOpen(UUID id) {
    return new RebasisException(Keyword.of(":rebasis.error/not-parked"), ErrorCategory.FIX_REQUEST,
        "The transaction " + id + " is neither parked nor rejected here, or somebody has dealt with it; parked() lists"
            + " those that wait.", Map.of(Keyword.of(":id"), id), null);
  }
}
