package dev.rebasis.server.internal.master;

import datomic.Database;
import dev.rebasis.protocol.Fork;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

/** A master whose writes wait in one queue: each of them is a {@link Works.Work}. */
abstract class QueuedMaster implements Master {
  /** Makes the works. */
  abstract Works works();

  /** Puts a work behind those that wait, or refuses it if the master has stopped. */
  abstract void enqueue(Works.Work work);

  @Override
  public void clientNumber(UUID store, Answer<Long> answer) {
    enqueue(works().clientNumber(store, answer));
  }

  @Override
  public final void setToken(long client, UUID hash, Answer<UUID> answer) {
    enqueue(works().setToken(client, hash, answer));
  }

  @Override
  public final void fork(long t, Answer<Fork> answer) {
    enqueue(works().fork(t, answer));
  }

  @Override
  public final void transact(List<?> forms, Answer<Transacted> answer) {
    enqueue(works().transact(forms, answer));
  }

  @Override
  public final void transactOn(Function<Database, List<?>> forms, Answer<Transacted> answer) {
    enqueue(works().transactOn(forms, answer));
  }

  @Override
  public final void transactIfNew(List<?> forms, Answer<Boolean> answer) {
    enqueue(works().transactIfNew(forms, answer));
  }

  @Override
  public final void rehearse(List<List<?>> transactions, Answer<Rehearsal> answer) {
    enqueue(works().rehearse(transactions, answer));
  }
}
