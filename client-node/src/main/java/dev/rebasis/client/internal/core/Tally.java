package dev.rebasis.client.internal.core;

import dev.rebasis.client.Outcome;
import dev.rebasis.client.Status;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what happened since the client was opened. Thread-safe. */
final class Tally {
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong merged = new AtomicLong();
  private final AtomicLong parked = new AtomicLong();
  private final AtomicLong rejected = new AtomicLong();
  private final AtomicLong rebased = new AtomicLong();
  private final AtomicLong confirmed = new AtomicLong();

  void count(Outcome outcome) {
    switch (outcome.kind()) {
      case ACCEPTED -> accepted.incrementAndGet();
      case MERGED -> merged.incrementAndGet();
      case PARKED -> parked.incrementAndGet();
      case REJECTED -> rejected.incrementAndGet();
    }
  }

  void countConfirmed(int transactions, int decidedAnew) {
    confirmed.addAndGet(transactions);
    rebased.addAndGet(decidedAnew);
  }

  long parked() {
    return parked.get();
  }

  Status.Counters counters(long duplicates, long bytesSent, long bytesReceived) {
    return new Status.Counters(accepted.get(), merged.get(), duplicates, parked.get(), rejected.get(), rebased.get(),
        confirmed.get(), bytesSent, bytesReceived);
  }
}
