package dev.rebasis.server.internal.master;

import datomic.Database;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Fork;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.PushOutcome;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * What the writing methods of a {@link Master} come to: pieces of work, each done step by step by whoever owns the
 * committer. A step that throws {@link MovedException} has done nothing and is to be done again. Confined, like the
 * committer.
 */
final class Works {
  private final MasterDatabase database;
  private final Committer committer;
  private final Supplier<UUID> uuids;
  private final Supplier<AnswerQueue> answers;
  private final IntConsumer decided;

  /**
   * For one master.
   *
   * @param answers where answers go to
   * @param decided told how many pushed intents need no decision any more
   */
  Works(MasterDatabase database, Committer committer, Supplier<UUID> uuids, Supplier<AnswerQueue> answers,
      IntConsumer decided) {
    this.database = database;
    this.committer = committer;
    this.uuids = uuids;
    this.answers = answers;
    this.decided = decided;
  }

  /** One piece of work. */
  interface Work {
    /** Does one step; true if there are more. */
    boolean step();

    /** The rest is not done. */
    void refuse(RebasisException reason);
  }

  /** See {@link Master#push}. */
  Work push(Master.Push push) {
    return new PushWork(push);
  }

  /** See {@link Master#clientNumber}. */
  Work clientNumber(UUID store, Master.Answer<Long> answer) {
    return single(() -> committer.clientNumber(store), answer);
  }

  /** See {@link Master#setToken}. */
  Work setToken(long client, UUID hash, Master.Answer<UUID> answer) {
    return single(() -> {
      committer.setToken(client, hash);
      return hash;
    }, answer);
  }

  /** See {@link Master#fork}. */
  Work fork(long t, Master.Answer<Fork> answer) {
    return single(() -> committer.fork(t, uuids.get()), answer);
  }

  /** See {@link Master#transact}. */
  Work transact(List<?> forms, Master.Answer<Master.Transacted> answer) {
    return transactOn(newest -> forms, answer);
  }

  /** See {@link Master#transactOn}. */
  Work transactOn(Function<Database, List<?>> forms, Master.Answer<Master.Transacted> answer) {
    return single(() -> {
      Committed committed = committer.transact(ServerForms.checked(forms.apply(database.now())));
      return new Master.Transacted(committed.transaction(), committed.tempids());
    }, answer);
  }

  /** See {@link Master#transactIfNew}. */
  Work transactIfNew(List<?> forms, Master.Answer<Boolean> answer) {
    return single(() -> {
      List<Object> checked = ServerForms.checked(forms);
      boolean isNew = !database.speculate(checked).isEmpty();
      if (isNew) {
        committer.transact(checked);
      }
      return isNew;
    }, answer);
  }

  /** See {@link Master#rehearse}. */
  Work rehearse(List<List<?>> transactions, Master.Answer<Master.Rehearsal> answer) {
    return single(() -> database.rehearse(transactions), answer);
  }

  /** Something else, of one step. */
  <T> Work single(Supplier<T> step, Master.Answer<T> answer) {
    return new SingleWork(() -> {
      T result = step.get();
      answers.get().add(database.t(), () -> answer.done(result), answer::refused);
    }, answer::refused);
  }

  /** One step. */
  private final class SingleWork implements Work {
    private final Runnable step;
    private final Consumer<RebasisException> refused;

    SingleWork(Runnable step, Consumer<RebasisException> refused) {
      this.step = step;
      this.refused = refused;
    }

    @Override
    public boolean step() {
      try {
        step.run();
      } catch (RebasisException e) {
        answers.get().add(database.t(), () -> refused.accept(e), refused);
      }
      return false;
    }

    @Override
    public void refuse(RebasisException reason) {
      refused.accept(reason);
    }
  }

  /** Pushed intents, one a step, or the whole of a group. */
  private final class PushWork implements Work {
    private final Master.Push push;
    private Iterator<Intent> rest;
    private List<Intent> next = List.of();
    private UUID group;
    /** The outcomes of a group that nobody needs to be kept out for; else null. */
    private List<PushOutcome> forbidden;
    private boolean keepsOut;
    private int undecided;

    PushWork(Master.Push push) {
      this.push = push;
      this.rest = push.intents().iterator();
      this.undecided = push.intents().size();
    }

    @Override
    public boolean step() {
      PushLine line = push.line();
      try {
        if (line != null && line.broken() != null && !keepsOut) {
          throw line.broken();
        }
        if (next.isEmpty() && !keepsOut) {
          next = group(rest.next());
          if (next.size() > 1 && database.isShared()) {
            forbidden = committer.forbidden(push, next);
            group = forbidden == null ? next.get(0).terms().group().id() : null;
          }
        }
        return group == null ? decided() : decidedTogether();
      } catch (RebasisException e) {
        if (line != null) {
          line.breakOff(e);
        }
        settled(undecided);
        answers.get().add(database.t(), () -> push.refused(e), push::refused);
        boolean lets = keepsOut && !next.isEmpty();
        if (keepsOut && !lets) {
          // Others cannot be let in now; after a while they let themselves in.
          database.within(null);
        }
        next = List.of();
        rest = Collections.emptyIterator();
        return lets;
      }
    }

    private boolean decided() {
      // A duplicate may speak of a transaction that is not durable yet, and outcomes keep their order anyway.
      for (PushOutcome outcome : outcomes()) {
        answers.get().add(database.t(), push, outcome);
      }
      settled(next.size());
      next = List.of();
      return rest.hasNext();
    }

    /** Keeps other nodes out, decides, and lets them in again: one step each, since each is one commit at least. */
    private boolean decidedTogether() {
      if (!keepsOut) {
        committer.keepOut(group);
        keepsOut = true;
        database.within(group);
        return true;
      }
      if (!next.isEmpty()) {
        decided();
        return true;
      }
      committer.letIn(group);
      keepsOut = false;
      database.within(null);
      group = null;
      return rest.hasNext();
    }

    private List<PushOutcome> outcomes() {
      if (forbidden != null) {
        List<PushOutcome> all = forbidden;
        forbidden = null;
        return all;
      }
      return next.get(0).terms().group() == null ? List.of(committer.decide(push, next.get(0)))
          : committer.decideTogether(push, next);
    }

    /** The intent, and what the push holds of its group; a client that sends a part only gets that part decided. */
    private List<Intent> group(Intent first) {
      List<Intent> group = new ArrayList<>(List.of(first));
      int size = first.terms().group() == null ? 1 : first.terms().group().size() - first.terms().group().index();
      while (rest.hasNext() && group.size() < size) {
        group.add(rest.next());
      }
      return group;
    }

    private void settled(int count) {
      undecided -= count;
      decided.accept(count);
    }

    @Override
    public void refuse(RebasisException reason) {
      settled(undecided);
      push.refused(reason);
    }
  }
}
