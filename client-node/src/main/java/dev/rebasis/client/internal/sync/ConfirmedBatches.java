package dev.rebasis.client.internal.sync;

import dev.rebasis.client.internal.sync.SyncAction.View;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Transaction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * What was handed to storage and is not applied yet, in order. Confined to the {@link SyncMachine}.
 */
final class ConfirmedBatches {
  /** One {@link SyncAction.Persist}. */
  private record Batch(long number, List<Transaction> transactions, List<Verdict> verdicts, long datoms, View view) {}

  private final ArrayDeque<Batch> unstored = new ArrayDeque<>();
  private long lastNumber;
  private long unappliedDatoms;
  private final ArrayDeque<Long> applyingDatoms = new ArrayDeque<>();
  private long appliedNumber;
  private long takenNumber;
  private long givenUpNumber;

  /** Takes a batch in and gives its number. */
  long add(List<Transaction> transactions, List<Verdict> verdicts, View view) {
    long datoms = datomsOf(transactions);
    unappliedDatoms += datoms;
    unstored.add(new Batch(++lastNumber, transactions, verdicts, datoms, view));
    givenUpNumber = view == View.DROPPED || view == View.HIDDEN ? lastNumber : givenUpNumber;
    return lastNumber;
  }

  /** How many datoms transactions have, without those about a transaction's own entity and Datomic's registers of attributes. */
  static long factsOf(List<Transaction> transactions) {
    long facts = 0;
    for (Transaction transaction : transactions) {
      for (Datom datom : transaction.datoms()) {
        facts += EntityIds.isTx(datom.e()) || datom.e() == 0 ? 0 : 1;
      }
    }
    return facts;
  }

  /** How many datoms transactions have. */
  static long datomsOf(List<Transaction> transactions) {
    long datoms = 0;
    for (Transaction transaction : transactions) {
      datoms += transaction.datoms().size();
    }
    return datoms;
  }

  /** Everything that is stored up to this number, as few actions as can be; none if there is nothing to apply. */
  List<SyncAction.Apply> stored(long number) {
    List<SyncAction.Apply> applies = new ArrayList<>();
    while (!unstored.isEmpty() && unstored.peek().number() <= number) {
      SyncAction.Apply apply = next(number);
      if (apply != null) {
        applies.add(apply);
      }
    }
    if (applies.isEmpty()) {
      appliedNumber = Math.max(appliedNumber, takenNumber);
    }
    return applies;
  }

  /** The next batches that are seen alike. What is held is never applied together with what was shown before it. */
  private SyncAction.Apply next(long number) {
    List<Transaction> transactions = new ArrayList<>();
    List<Verdict> verdicts = new ArrayList<>();
    long datoms = 0;
    long last = 0;
    View view = unstored.peek().view();
    while (!unstored.isEmpty() && unstored.peek().number() <= number && unstored.peek().view() == view) {
      Batch batch = unstored.poll();
      transactions.addAll(batch.transactions());
      verdicts.addAll(batch.verdicts());
      datoms += batch.datoms();
      last = batch.number();
    }
    takenNumber = last;
    if (transactions.isEmpty() && verdicts.isEmpty() && view != View.DROPPED && view != View.HIDDEN) {
      return null;
    }
    applyingDatoms.add(datoms);
    return new SyncAction.Apply(last, transactions, verdicts, view);
  }

  /** Notes that the next of the actions, up to this number, is applied, and gives the datoms in it. */
  long applied(long number) {
    long datoms = applyingDatoms.poll();
    unappliedDatoms -= datoms;
    // What was stored behind it and changes nothing counts as applied with the last one.
    appliedNumber = applyingDatoms.isEmpty() ? takenNumber : number;
    return datoms;
  }

  /** The number of the newest batch. */
  long lastNumber() {
    return lastNumber;
  }

  /** Whether everything up to this number is applied. */
  boolean isApplied(long number) {
    return appliedNumber >= number;
  }

  /** Whether what is applied was given up since: a slow disk still has to forget it. */
  boolean isGivenUp() {
    return !isApplied(givenUpNumber);
  }

  /** The transactions that were handed to storage and not to the index: the log may hold them by now. */
  List<Transaction> unapplied() {
    return unstored.stream().flatMap(batch -> batch.transactions().stream()).toList();
  }

  /** Datoms received and not applied. */
  long unappliedDatoms() {
    return unappliedDatoms;
  }
}
