package dev.rebasis.server.internal.session;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.RebasisSchema;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.scope.HiddenAttributes;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The newest batches for readers who do not see every attribute: those of one role share them. Confined to the core. */
final class RoleBatches {
  private static final int KEPT_MAX = 64;

  private record Place(Set<Keyword> hidden, long follows) {}

  /** A batch for a role, and the users of whom it holds transactions that say more to them. */
  private record Filtered(Set<String> authors, Broadcast.Batch batch) {}

  private final Master master;
  private final int batchDatoms;
  private final Map<Place, Filtered> newest = new LinkedHashMap<>() {
    @Override
    protected boolean removeEldestEntry(Map.Entry<Place, Filtered> eldest) {
      return size() > KEPT_MAX;
    }
  };

  /**
   * Makes it.
   *
   * @param batchDatoms about how many datoms a batch has
   */
  RoleBatches(Master master, int batchDatoms) {
    this.master = master;
    this.batchDatoms = batchDatoms;
  }

  /** The next batch after a T that the durable log goes beyond, as a reader sees it. */
  Broadcast.Batch after(long t, Visibility visibility) {
    Filtered shared = newest.computeIfAbsent(new Place(visibility.hidden(), t), place -> filtered(t, visibility.shared()));
    // Only a reader who sees more of these than others of the role gets them made anew.
    return shared.authors().contains(visibility.reader()) ? filtered(t, visibility).batch() : shared.batch();
  }

  private Filtered filtered(long t, Visibility visibility) {
    List<Transaction> all = master.transactionsAfter(t, batchDatoms);
    Set<Long> quoting = HiddenAttributes.ids(HiddenAttributes.QUOTING, master.schema());
    Long user = master.schema().entid(RebasisSchema.TX_USER);
    Set<String> authors = new HashSet<>();
    for (Transaction transaction : all) {
      if (transaction.datoms().stream().anyMatch(datom -> quoting.contains(datom.a()))) {
        transaction.datoms().stream().filter(datom -> user != null && datom.a() == user)
            .forEach(datom -> authors.add((String) datom.v()));
      }
    }
    return new Filtered(authors, Broadcast.batch(t,
        all.stream().map(transaction -> visibility.of(transaction, master.schema())).toList(), master.forcedT()));
  }
}
