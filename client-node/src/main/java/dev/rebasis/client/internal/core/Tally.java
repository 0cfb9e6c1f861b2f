package dev.rebasis.client.internal.core;

import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.Outcome;
import dev.rebasis.client.Status;
import dev.rebasis.client.internal.rebase.Rebased;
import dev.rebasis.protocol.OutcomeKind;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what happened since the client was opened. Thread-safe. */
final class Tally {
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong merged = new AtomicLong();
  private final AtomicLong parked = new AtomicLong();
  private final AtomicLong rejected = new AtomicLong();
  private final AtomicLong rebased = new AtomicLong();
  private final AtomicLong confirmed = new AtomicLong();
  private final AtomicLong predictedRight = new AtomicLong();
  private final AtomicLong predictedWrong = new AtomicLong();
  private final AtomicLong waiting = new AtomicLong();

  /** Begins with so many parked transactions. */
  Tally(long parkedBefore) {
    waiting.set(parkedBefore);
  }

  void count(Outcome outcome) {
    switch (outcome.kind()) {
      case ACCEPTED -> accepted.incrementAndGet();
      case MERGED -> merged.incrementAndGet();
      case PARKED -> {
        parked.incrementAndGet();
        waiting.incrementAndGet();
      }
      case REJECTED -> rejected.incrementAndGet();
    }
  }

  void countConfirmed(int transactions, Rebased outcome) {
    confirmed.addAndGet(transactions);
    rebased.addAndGet(outcome.decidedAnew());
    predictedRight.addAndGet(outcome.predictedRight());
    predictedWrong.addAndGet(outcome.predictedWrong());
  }

  /** Somebody dealt with a transaction. */
  void dealtWith(ConflictRecord record) {
    if (record.outcome().kind() == OutcomeKind.PARKED) {
      waiting.decrementAndGet();
    }
  }

  /** How many parked transactions wait for somebody. */
  long waiting() {
    return waiting.get();
  }

  Status.Counters counters(long duplicates, long bytesSent, long bytesReceived) {
    return new Status.Counters(accepted.get(), merged.get(), duplicates, parked.get(), rejected.get(), rebased.get(),
        confirmed.get(), predictedRight.get(), predictedWrong.get(), bytesSent, bytesReceived);
  }
}
