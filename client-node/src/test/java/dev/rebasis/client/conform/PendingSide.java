package dev.rebasis.client.conform;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.Database;
import dev.rebasis.client.Durability;
import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.core.ClientConfig;
import dev.rebasis.client.internal.core.ClientCore;
import dev.rebasis.client.internal.fake.FakeEnvironment;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.client.internal.mirror.Mirror;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.TransactionException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A client without a server: everything is pending, entities and transactions have local ids. */
final class PendingSide extends Ours {
  private final FakeEnvironment environment = new FakeEnvironment(null, Samples.ids());
  private final SyncClient client = ClientCore.open(
      new ClientConfig(StoreFiles.inMemory(), Durability.PROCESS_CRASH, Tuning.DEFAULT, OwnFunctions.extensions()), environment);

  private final List<Pending> made = new ArrayList<>();
  // The client replays all transactions before for each; asked a hundred times, that was a tenth of a world's time.
  private final Map<Integer, Database> seen = new HashMap<>();

  /** Uses up the local ids that small negative numbers would look like in an answer: what is refused has had its numbers. */
  PendingSide() {
    List<Object> refused = Collections.nCopies(Mirror.SMALL_NUMBERS, Map.of(Keyword.of(":d/unknown"), 1L));
    assertThatThrownBy(() -> client.transact(refused)).isInstanceOf(TransactionException.class);
  }

  @Override
  Database seen(int transaction) {
    return seen.computeIfAbsent(transaction, number -> client.asSeen(made.get(number)));
  }

  @Override
  Iterable<Transaction> txRange(Object start, Object end) {
    return client.txRange(start, end);
  }

  @Override
  Database db() {
    return client.db();
  }

  @Override
  boolean hasTheirIds() {
    return false;
  }

  @Override
  boolean givesIds() {
    return true;
  }

  /** A transaction counts its local ids in the order in which it was tried, from another number on. */
  @Override
  Outcome commit(List<?> forms, Outcome tried, Outcome theirs) {
    Pending pending = client.transact(filledList(forms));
    made.add(pending);
    seen.clear();
    environment.advance(1_000);
    long shift = pending.resolve("datomic.tx") - tried.tempids().get("datomic.tx");
    long limit = tried.tempids().get("datomic.tx");
    List<Datom> datoms = new ArrayList<>();
    for (Datom datom : tried.datoms()) {
      Object v = datom.v();
      datoms.add(new Datom(
          moved(datom.e(), limit, shift), moved(datom.a(), limit, shift), movedValue(v, limit, shift),
          moved(datom.tx(), limit, shift), datom.added()));
    }
    Map<String, Long> tempids = new HashMap<>();
    tried.tempids().keySet().forEach(name -> tempids.put(name, pending.resolve(name)));
    note(pending.resolve("datomic.tx"), tempids, datoms);
    return new Outcome(null, null, datoms, tempids);
  }

  private static Object movedValue(Object v, long limit, long shift) {
    if (v instanceof List<?> tuple) {
      List<Object> moved = new ArrayList<>();
      tuple.forEach(element -> moved.add(movedValue(element, limit, shift)));
      return moved;
    }
    return v instanceof Long id ? (Object) moved(id, limit, shift) : v;
  }

  // Tried ids begin at the transaction's and fall; no generated number is as low, but Long.MIN_VALUE.
  private static long moved(long id, long limit, long shift) {
    return id <= limit && id > limit - 1_000_000 ? id + shift : id;
  }

  @Override
  long timeOf(long tx) {
    return tx;
  }

  @Override
  public void close() {
    client.close();
  }
}
