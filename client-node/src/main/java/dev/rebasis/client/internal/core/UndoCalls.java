package dev.rebasis.client.internal.core;

import dev.rebasis.client.Outcome;
import dev.rebasis.client.Pending;
import dev.rebasis.client.TransactionOptions;
import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.conflict.Inverse;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Terms;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** Takes transactions back. Thread-safe. */
final class UndoCalls {
  /** Takes a transaction out of what is to be sent; true if it was there and was never sent. */
  @FunctionalInterface
  interface Unsent {
    boolean take(UUID id);
  }

  private static final Keyword DB_ID = Keyword.of(":db/id");
  /** The operations that touch no entity but the one that they name. */
  private static final Set<Keyword> OF_ONE =
      Set.of(Keyword.of(":db/add"), Keyword.of(":db/retract"), Keyword.of(":db/cas"), Keyword.of(":db.fn/cas"));
  /** Stands for an entity that is not here. */
  private static final Long OUTSIDE = Long.MIN_VALUE;

  private final ClientLog log;
  private final CoreState state;
  private final TermsBuilder terms;
  private final Unsent unsent;

  UndoCalls(ClientLog log, CoreState state, TermsBuilder terms, Unsent unsent) {
    this.log = log;
    this.state = state;
    this.terms = terms;
    this.unsent = unsent;
  }

  /** Takes a transaction back; gives the one that does so, or null if it was never sent and is simply gone. */
  Pending undo(UUID id) {
    Outcome outcome = log.reads().outcome(id);
    if (outcome == null && !state.handles().isPending(id)) {
      // It may have been decided right now.
      outcome = log.reads().outcome(id);
      if (outcome == null) {
        throw error(":rebasis.error/not-found", ErrorCategory.FIX_REQUEST, id,
            " is not one that this store made, or it was taken back before. `client.pending()` and `conflicts()` name those"
                + " that there are.");
      }
    }
    if (outcome == null) {
      // The transactions of a group are sent together, so that either all of them are there or none.
      for (UUID member : state.handles().groupOf(id)) {
        if (!unsent.take(member)) {
          throw error(":rebasis.error/already-sent", ErrorCategory.RETRY_LATER, id, " may have been sent already. Undo"
              + " it again when its outcome is known.");
        }
      }
      state.withdraw(state.handles().groupOf(id), LogEntry.Undone::new);
      return null;
    }
    if (!outcome.isCommitted()) {
      throw error(":rebasis.error/not-committed", ErrorCategory.FIX_REQUEST, id,
          " was not committed, so there is nothing to undo. If it is parked, discard it.");
    }
    Transaction transaction = whole(id, outcome.t());
    return state.make(
        List.of((before, numbers) -> inverse(id, transaction, before, numbers)), intents -> List.of()).get(0);
  }

  /** What it did, all of it: half of a transaction must not be taken back. */
  private Transaction whole(UUID id, long t) {
    Transaction transaction = log.reads().wholeTransaction(t);
    if (transaction == null) {
      throw error(":rebasis.error/history-missing", ErrorCategory.FIX_REQUEST, id,
          " is not, or not wholly, in this store's history (it was trimmed, loaded, or what was written has left the scopes"
              + " since), so what it did is not known here. Write what you want instead.");
    }
    if (log.reads().isPart() && !isWhollyWithin(transaction, log.reads().decided(id))) {
      throw error(":rebasis.error/history-missing", ErrorCategory.FIX_REQUEST, id,
          " may have changed what is outside this store's scopes, and what it did there is not known here. Write what you"
              + " want instead.");
    }
    return transaction;
  }

  /**
   * Whether all that a transaction did is in a store that holds a part: each entity that it is about is there, and none came in
   * by it, with what others wrote there and without what it replaced.
   */
  private boolean isWhollyWithin(Transaction transaction, Intent intent) {
    return transaction.datoms().stream().allMatch(datom -> datom.tx() == transaction.tx())
        && transaction.datoms().stream().map(Datom::e).collect(Collectors.toSet()).containsAll(subjects(intent));
  }

  /** The entity that a form is about; {@link #OUTSIDE} if it may be about others too, which is not looked into. */
  private static Object subject(Object form) {
    if (form instanceof Map<?, ?> map) {
      boolean flat = map.entrySet().stream().noneMatch(entry -> String.valueOf(entry.getKey()).contains("/_")
          || entry.getValue() instanceof Map<?, ?>
          || entry.getValue() instanceof Collection<?> several && several.stream().anyMatch(Map.class::isInstance));
      return flat ? map.get(DB_ID) : OUTSIDE;
    }
    return form instanceof List<?> list && list.size() > 1 && OF_ONE.contains(list.get(0)) ? list.get(1) : OUTSIDE;
  }

  /** The entities that the forms of a transaction are about, the transaction itself left out. */
  private Set<Long> subjects(Intent intent) {
    Set<Long> subjects = new HashSet<>();
    DatabaseValue now = state.views().optimistic();
    for (Object form : intent.forms()) {
      Object subject = subject(form);
      if (subject instanceof String tempid && intent.tempids().containsKey(tempid)) {
        subject = tempid.equals(Intent.TX_TEMPID) ? null : -intent.tempids().get(tempid);
      }
      if (subject != null) {
        Long id = OUTSIDE.equals(subject) ? null : now.entid(subject);
        subjects.add(id == null ? OUTSIDE : now.localIds().resolve(id));
      }
    }
    return subjects;
  }

  /**
   * On the basis of what it takes back: whatever was done there since, here or by others, is a conflict, and stays, or is merged by a
   * policy of the schema or of this client that merges (a counter).
   */
  private Intent inverse(
      UUID id, Transaction transaction, DatabaseValue before, Making.Numbers numbers) {
    Inverse inverse = Inverse.of(transaction, before);
    if (inverse.forms().isEmpty()) {
      throw error(":rebasis.error/cannot-undo", ErrorCategory.FIX_REQUEST, id, " " + inverse.why());
    }
    Map<String, Long> tempids = new HashMap<>();
    tempids.put(Intent.TX_TEMPID, numbers.nextLocal());
    Terms undoing = terms.of(TransactionOptions.DEFAULT, inverse.forms(), before).undoing(id);
    return new Intent(
        numbers.newId(), numbers.seq(), transaction.t(), numbers.now(), inverse.forms(), tempids, undoing);
  }

  private static RebasisException error(String code, ErrorCategory category, UUID id, String what) {
    return new RebasisException(Keyword.of(code), category, "The transaction " + id + what,
        Map.of(Keyword.of(":id"), id), null);
  }
}
