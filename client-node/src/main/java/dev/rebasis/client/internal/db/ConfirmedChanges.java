package dev.rebasis.client.internal.db;

import dev.rebasis.conflict.HistoryChanges;
import dev.rebasis.conflict.RemoteChanges;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.protocol.RebasisSchema;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.LongPredicate;

/**
 * What others confirmed after the basis of one pending transaction, read from the history of the confirmed index. The
 * rule itself is that of {@link HistoryChanges}; here is where a client finds the history and knows its own
 * transactions: by the client number on their entity.
 */
public final class ConfirmedChanges {
  private ConfirmedChanges() {}

  /**
   * The changes after a basis.
   *
   * @param snapshot the confirmed value that the transaction is decided on
   * @param basisT the pending transaction's basis T
   * @param client this client's number on the server, 0 if it has none yet
   * @param own further transactions (entity ids) that count as this client's own, for example under a former number
   * @return {@link RemoteChanges#NONE} if nothing was confirmed after the basis; else one that reads lazily, confined
   *     to one decision
   */
  public static RemoteChanges of(IndexSnapshot snapshot, long basisT, long client, LongPredicate own) {
    if (basisT >= snapshot.basisT()) {
      return RemoteChanges.NONE;
    }
    return new HistoryChanges(new SnapshotHistory(snapshot), basisT, new OwnTransactions(snapshot, client, own), false);
  }

  /**
   * All changes after a T, this client's own as well: what a transaction meets that takes the one at that T back.
   *
   * @param t the T of what is taken back
   * @return one that reads lazily, confined to one decision; never {@link RemoteChanges#NONE}
   */
  public static RemoteChanges ofAll(IndexSnapshot snapshot, long t) {
    return new HistoryChanges(new SnapshotHistory(snapshot), t, tx -> false, false);
  }

  private record SnapshotHistory(IndexSnapshot snapshot) implements HistoryChanges.History {
    @Override
    public Iterable<Datom> of(long e, long a) {
      return snapshot.history(IndexOrder.EAVT, e, a);
    }

    @Override
    public Iterable<Datom> of(long e) {
      return snapshot.history(IndexOrder.EAVT, e);
    }

    @Override
    public Iterable<Datom> ofValue(long a, Object v) {
      Attribute attribute = snapshot.schema().attribute(a);
      return attribute != null && attribute.isRef()
          ? snapshot.history(IndexOrder.VAET, v, a) : snapshot.history(IndexOrder.AVET, a, v);
    }

    @Override
    public Iterable<Datom> ofAttribute(long a) {
      return snapshot.history(IndexOrder.AEVT, a);
    }

    @Override
    public boolean isMany(long a) {
      Attribute attribute = snapshot.schema().attribute(a);
      return attribute != null && attribute.isMany();
    }
  }

  /** Remembers its answers: one decision asks for the same transaction again and again. */
  private static final class OwnTransactions implements LongPredicate {
    private final IndexSnapshot snapshot;
    private final long client;
    private final LongPredicate own;
    private final Long clientAttribute;
    private final Map<Long, Boolean> known = new HashMap<>();

    OwnTransactions(IndexSnapshot snapshot, long client, LongPredicate own) {
      this.snapshot = snapshot;
      this.client = client;
      this.own = own;
      this.clientAttribute = snapshot.schema().entid(RebasisSchema.TX_CLIENT);
    }

    @Override
    public boolean test(long tx) {
      return known.computeIfAbsent(tx, this::isOwn);
    }

    private boolean isOwn(long tx) {
      if (own.test(tx)) {
        return true;
      }
      if (clientAttribute == null || client == 0) {
        return false;
      }
      Iterator<Datom> number = snapshot.datoms(IndexOrder.EAVT, tx, clientAttribute).iterator();
      return number.hasNext() && number.next().v().equals(client);
    }
  }
}
