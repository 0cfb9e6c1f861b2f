package dev.rebasis.client.internal.core;

import dev.rebasis.client.Outcome;
import dev.rebasis.client.Pending;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.rebase.MovedBehind;
import dev.rebasis.client.internal.rebase.OptimisticState;
import dev.rebasis.client.internal.rebase.PendingTransaction;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Terms;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Binds pending transactions together, of which then all are committed or none. They get new places behind the others, since a
 * group is sent in one message; see {@link MovedBehind} for who moves with them. Thread-safe.
 */
final class BindCalls {
  private final ClientLog log;
  private final CoreState state;
  private final GroupCommit commit;
  private final ClientEnvironment environment;
  private final boolean hasServer;
  private final Runner runner;

  /** Runs a step on the sync executor, where nothing is sent meanwhile; gives whether it could be done. */
  @FunctionalInterface
  interface Runner {
    CompletableFuture<Boolean> run(SyncDriver.Moving step);
  }

  BindCalls(ClientLog log, CoreState state, GroupCommit commit, ClientEnvironment environment, boolean hasServer, Runner runner) {
    this.log = log;
    this.state = state;
    this.commit = commit;
    this.environment = environment;
    this.hasServer = hasServer;
    this.runner = runner;
  }

  /** Binds them, and returns when that is durable and published: those that were named, in order. */
  List<Pending> bind(Collection<UUID> named) {
    Set<UUID> ids = new LinkedHashSet<>(named);
    if (ids.size() < 2) {
      throw new RebasisException(Keyword.of(":rebasis.error/wrong-argument"), ErrorCategory.PROGRAMMING_ERROR,
          "A group is of two transactions or more; " + ids.size() + " were named.");
    }
    long ticket = 0;
    while (ticket == 0) {
      // What is not told to the sync machine yet is told by then.
      commit.awaitAll();
      ticket = tryToBind(ids);
    }
    commit.await(ticket);
    return state.handles().pending().stream().filter(pending -> ids.contains(pending.id())).toList();
  }

  /** Gives the ticket to wait for, 0 if one that must move is on its way to the disk. */
  private long tryToBind(Set<UUID> ids) {
    long[] ticket = {0};
    try {
      runner.run((isUnsent, isWaiting) -> {
        List<Intent> moved = new ArrayList<>();
        ticket[0] = state.move((optimistic, seqs) -> {
          moved.addAll(moved(optimistic, ids, isUnsent, isWaiting, seqs));
          return moved;
        });
        return moved;
      }).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RebasisException known ? known : e;
    }
    return ticket[0];
  }

  /** Those that are to be moved as they are to be; none if one of them is not to be sent yet. */
  private List<Intent> moved(OptimisticState optimistic, Set<UUID> ids, Predicate<UUID> isUnsent, Predicate<UUID> isWaiting,
      LongSupplier seqs) {
    ids.forEach(id -> check(id, optimistic.pending(id)));
    List<Intent> before = MovedBehind.of(optimistic, ids);
    for (Intent intent : before) {
      boolean waits = isWaiting.test(intent.id());
      if (!waits && hasServer) {
        return List.of();
      }
      if (waits && !isUnsent.test(intent.id())) {
        throw sent(intent.id(), ids);
      }
    }
    UUID group = environment.newId();
    List<Intent> now = new ArrayList<>();
    for (Intent intent : before) {
      int index = now.size();
      now.add(intent.movedTo(seqs.getAsLong(), index < ids.size() ? new Terms.Group(group, ids.size(), index) : null));
    }
    return now;
  }

  private void check(UUID id, PendingTransaction pending) {
    if (pending == null) {
      Outcome outcome = log.reads().outcome(id);
      throw outcome == null
          ? error(":rebasis.error/not-found", id, " is not one that this store made, or it was taken back. `client.pending()`"
              + " names those that can be bound.")
          : error(":rebasis.error/not-pending", id, " has been decided already (" + outcome.kind() + "), so it cannot be"
              + " bound to others." + (outcome.isCommitted() ? "" : " Retry it first, and bind what that makes."));
    }
    if (pending.intent().terms().group() != null) {
      throw error(":rebasis.error/in-group", id, " belongs to a group already, and can be in one only.");
    }
  }

  private static RebasisException sent(UUID id, Set<UUID> ids) {
    return error(":rebasis.error/already-sent", id, " may have been sent already, so the server may decide it alone"
        + (ids.contains(id) ? "." : "; it stands on one of those that were named."));
  }

  private static RebasisException error(String code, UUID id, String what) {
    return new RebasisException(Keyword.of(code), ErrorCategory.FIX_REQUEST, "The transaction " + id + what,
        Map.of(Keyword.of(":id"), id), null);
  }
}
