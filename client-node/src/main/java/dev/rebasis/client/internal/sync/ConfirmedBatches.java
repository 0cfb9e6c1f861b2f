package dev.rebasis.client.internal.sync;

import dev.rebasis.data.Transaction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * What was handed to storage and is not applied yet, in order. Confined to the {@link SyncMachine}.
 */
final class ConfirmedBatches {
  /** One {@link SyncAction.Persist}. */
  private record Batch(long number, List<Transaction> transactions, List<Verdict> verdicts, long datoms) {}

  private final ArrayDeque<Batch> unstored = new ArrayDeque<>();
  private long lastNumber;
  private long unappliedDatoms;
  private long applying;
  private long applyingDatoms;
  private long appliedNumber;

  /** Takes a batch in and gives its number. */
  long add(List<Transaction> transactions, List<Verdict> verdicts) {
    long datoms = 0;
    for (Transaction transaction : transactions) {
      datoms += transaction.datoms().size();
    }
    unappliedDatoms += datoms;
    unstored.add(new Batch(++lastNumber, transactions, verdicts, datoms));
    return lastNumber;
  }

  /** Everything that is stored up to this number, as one; null if there is nothing to apply. */
  SyncAction.Apply stored(long number) {
    List<Transaction> transactions = new ArrayList<>();
    List<Verdict> verdicts = new ArrayList<>();
    while (!unstored.isEmpty() && unstored.peek().number() <= number) {
      Batch batch = unstored.poll();
      transactions.addAll(batch.transactions());
      verdicts.addAll(batch.verdicts());
      applyingDatoms += batch.datoms();
      applying = batch.number();
    }
    if (transactions.isEmpty() && verdicts.isEmpty()) {
      appliedNumber = Math.max(appliedNumber, applying);
      return null;
    }
    return new SyncAction.Apply(applying, transactions, verdicts);
  }

  /** Notes that everything up to this number is applied, and gives the datoms in it. */
  long applied(long number) {
    long datoms = applyingDatoms;
    unappliedDatoms -= datoms;
    applyingDatoms = 0;
    appliedNumber = number;
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

  /** Datoms received and not applied. */
  long unappliedDatoms() {
    return unappliedDatoms;
  }
}
