package dev.rebasis.client.internal.core;

import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.rebase.OptimisticState;
import dev.rebasis.client.internal.rebase.PendingTransaction;
import dev.rebasis.client.internal.sync.IntentWeight;
import dev.rebasis.data.Datom;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Puts new transactions of this client into its optimistic state, unit by unit, and owns the numbers that they get: the
 * next sequence number and the next local id. Nothing here is durable yet. Confined to the core lock.
 */
final class NewTransactions {
  /** One transaction in the optimistic state, and the views right after it. */
  record Step(Intent intent, List<Datom> datoms, DatabaseValue before, Publisher.Views views) {}

  private final Health health;
  private final Quota quota;
  private final Making.Numbers numbers;
  private long nextSeq;
  private long nextLocal;

  NewTransactions(ClientEnvironment environment, Health health, Quota quota, long nextSeq, long nextLocal) {
    this.health = health;
    this.quota = quota;
    this.nextSeq = nextSeq;
    this.nextLocal = nextLocal;
    this.numbers = new Making.Numbers() {
      @Override
      public UUID newId() {
        return environment.newId();
      }

      @Override
      public long seq() {
        return NewTransactions.this.nextSeq;
      }

      @Override
      public long nextLocal() {
        return newLocal();
      }

      @Override
      public Instant now() {
        return environment.now().truncatedTo(ChronoUnit.MILLIS);
      }
    };
  }

  /** The sequence number of the newest transaction made here, 0 if none. */
  long lastSeq() {
    return nextSeq - 1;
  }

  /** Gives out a sequence number, for good. */
  long newSeq() {
    return nextSeq++;
  }

  /** Gives out a local number, for good. */
  long newLocal() {
    return nextLocal++;
  }

  /**
   * Makes units of transactions, of each all or none.
   *
   * @param required so many of the first units must be possible, or what the first one throws that is not is thrown, and
   *     the state is as before; of the others those are left out that are not possible
   * @return the steps of each unit, none of one that was left out
   */
  List<List<Step>> make(OptimisticState state, List<List<Making>> units, int required) {
    List<List<Step>> made = new ArrayList<>();
    long firstSeq = nextSeq;
    try {
      for (List<Making> unit : units) {
        made.add(made.size() < required ? steps(state, unit) : stepsIfPossible(state, unit));
      }
      quota.check(made.stream().flatMap(List::stream).mapToLong(step -> IntentWeight.of(step.intent())).sum());
      return made;
    } catch (RuntimeException | Error e) {
      made.forEach(unit -> unit.forEach(step -> state.withdraw(step.intent().id())));
      nextSeq = firstSeq;
      if (e instanceof RebasisException) {
        // Whoever is in the middle when the client is closed finds its values gone, and is told of the closing.
        health.check();
      }
      throw e;
    }
  }

  private List<Step> stepsIfPossible(OptimisticState state, List<Making> makings) {
    try {
      return steps(state, makings);
    } catch (RebasisException e) {
      health.check();
      return List.of();
    }
  }

  private List<Step> steps(OptimisticState state, List<Making> makings) {
    List<Step> steps = new ArrayList<>();
    long firstSeq = nextSeq;
    try {
      for (Making making : makings) {
        DatabaseValue before = state.optimistic();
        Intent intent = making.on(before, numbers);
        IntentSize.check(intent);
        PendingTransaction pending = state.transact(intent);
        nextSeq++;
        steps.add(new Step(pending.intent(), pending.datoms(), before, Publisher.Views.of(state)));
      }
      return steps;
    } catch (RuntimeException | Error e) {
      steps.forEach(step -> state.withdraw(step.intent().id()));
      nextSeq = firstSeq;
      throw e;
    }
  }
}
