package dev.rebasis.client.internal.core;

import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.Dependents;
import dev.rebasis.client.Pending;
import dev.rebasis.client.Retry;
import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.conflict.IntentBuilder;
import dev.rebasis.conflict.IntentCut;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.Intent;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * What a person does about parked and rejected transactions. Each call is one write of the log (and one more for each
 * dependent): after a crash it has happened or not. Thread-safe; two calls about one transaction come one after the
 * other.
 */
final class ParkedCalls {
  private final ClientLog log;
  private final CoreState state;
  private final GroupCommit commit;
  private final TermsBuilder terms;
  private final Tally tally;

  ParkedCalls(ClientLog log, CoreState state, GroupCommit commit, TermsBuilder terms, Tally tally) {
    this.log = log;
    this.state = state;
    this.commit = commit;
    this.terms = terms;
    this.tally = tally;
  }

  /** Those that nobody has dealt with, by rising sequence number. */
  List<ConflictRecord> open() {
    return log.reads().conflicts().stream().filter(record -> record.state() == ConflictRecord.State.OPEN).toList();
  }

  /** Makes a transaction again, with other forms unless they are null, and then what waits with it. */
  synchronized Retry retry(UUID id, Object forms) {
    Map<UUID, ConflictRecord> open = openById();
    ConflictRecord record = open.get(id);
    if (record == null) {
      throw notOpen(id);
    }
    List<ConflictRecord> waiting = dependents(id, open);
    Pending made = again(record, forms);
    List<Pending> dependents = new ArrayList<>();
    List<UUID> stillParked = new ArrayList<>();
    for (ConflictRecord dependent : waiting) {
      try {
        dependents.add(again(dependent, null));
      } catch (TransactionException e) {
        // It stays parked, where its author finds it; the others do not depend on it, or fail likewise.
        stillParked.add(dependent.id());
      }
    }
    return new Retry(made, dependents, stillParked);
  }

  /** Gives a transaction up. */
  synchronized void discard(UUID id, Dependents how) {
    Map<UUID, ConflictRecord> open = openById();
    ConflictRecord record = open.get(id);
    if (record == null) {
      throw notOpen(id);
    }
    List<ConflictRecord> waiting = dependents(id, open);
    Set<Long> cut = new HashSet<>();
    log.reads().decided(id).tempids().values().forEach(number -> cut.add(-number));
    dealtWith(record);
    for (ConflictRecord dependent : waiting) {
      List<Object> rest = how == Dependents.DISCARD
          ? List.of() : IntentCut.without(log.reads().decided(dependent.id()).forms(), cut);
      if (rest.isEmpty()) {
        log.reads().decided(dependent.id()).tempids().values().forEach(number -> cut.add(-number));
        dealtWith(dependent);
      } else {
        again(dependent, rest);
      }
    }
  }

  private Map<UUID, ConflictRecord> openById() {
    Map<UUID, ConflictRecord> open = new LinkedHashMap<>();
    open().forEach(record -> open.put(record.id(), record));
    return open;
  }

  /** What waits with a transaction, in order: what stands on it, what stands on that, and so on. */
  private List<ConflictRecord> dependents(UUID id, Map<UUID, ConflictRecord> open) {
    Set<UUID> standing = new HashSet<>(Set.of(id));
    List<ConflictRecord> found = new ArrayList<>();
    for (ConflictRecord record : open.values()) {
      boolean waits = log.reads().decided(record.id()).terms().after().stream().anyMatch(standing::contains);
      if (waits && standing.add(record.id())) {
        found.add(record);
      }
    }
    return found;
  }

  private Pending again(ConflictRecord record, Object forms) {
    Intent old = log.reads().decided(record.id());
    List<Pending> made = state.make(List.of((before, numbers) -> again(old, forms, before, numbers)),
        intents -> List.of(new LogEntry.DealtWith(old.id(), intents.get(0).id())));
    tally.dealtWith(record);
    return made.get(0);
  }

  /** The same intent anew, on the present view. Its entities keep their local ids: they were never confirmed. */
  private Intent again(Intent old, Object forms, DatabaseValue before, Making.Numbers numbers) {
    List<Object> completed = old.forms();
    Map<String, Long> tempids = old.tempids();
    if (forms != null) {
      IntentBuilder.Completed edited =
          IntentBuilder.complete(forms, before.schema(), old.tempids(), numbers::nextLocal);
      completed = edited.forms();
      tempids = IntentCut.mentioned(edited.tempids(), completed);
    }
    return new Intent(numbers.newId(), numbers.seq(), before.basisT(), numbers.now(), completed, tempids,
        terms.again(old.terms(), old.id(), before));
  }

  private void dealtWith(ConflictRecord record) {
    commit.await(commit.submit(List.of(new LogEntry.DealtWith(record.id(), null)), true, () -> { }));
    tally.dealtWith(record);
  }

  private static RebasisException notOpen(UUID id) {
    return new RebasisException(Keyword.of(":rebasis.error/not-parked"), ErrorCategory.FIX_REQUEST,
        "The transaction " + id + " is neither parked nor rejected here, or somebody has dealt with it; parked() lists"
            + " those that wait.", Map.of(Keyword.of(":id"), id), null);
  }
}
