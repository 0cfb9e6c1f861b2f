package dev.rebasis.client.internal.index;

import dev.rebasis.client.internal.db.FactOrder;
import dev.rebasis.client.internal.log.HashChain;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Bootstrap;
import dev.rebasis.data.Datom;
import dev.rebasis.data.DatomOrder;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Transaction;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.Map;

/**
 * Makes a whole index at once, from nothing: takes all transactions, sorts their datoms, and fills each tree from its
 * first key to its last. That costs about half of what applying them one by one does, and its pages are full, where keys
 * put in one by one leave them half empty. The outcome is the same.
 *
 * <p>All that happened to one fact stands together in the order EAVT, by time; from there it is known what of it is
 * current and what is past. The other orders are sorted from that. In the heap are at most a few runs of datoms, the rest
 * in a scratch file. Confined.
 */
final class IndexBuilder implements AutoCloseable {
  private static final int RUN_MIN = 16_384;
  private static final int RUN_MAX = 1 << 20;
  private static final int HEAP_BYTES_PER_DATOM = 4_000;
  private static final IndexOrder[] OTHERS = {IndexOrder.AEVT, IndexOrder.AVET, IndexOrder.VAET};

  private final Scratch scratch;
  private final int runMax;
  private final DatomSorter events;
  private HashChain chain = new HashChain(HashChain.START);
  private Schema schema = Bootstrap.schema();
  private long t;

  /**
   * Begins with what every database begins with.
   *
   * @param scratchFile for what does not fit into the heap; null to keep all in memory
   */
  IndexBuilder(String scratchFile) {
    this(scratchFile, (int) Math.max(RUN_MIN, Math.min(RUN_MAX, Runtime.getRuntime().maxMemory() / HEAP_BYTES_PER_DATOM)));
  }

  /**
   * The same.
   *
   * @param runMax how many datoms a sort keeps in memory
   */
  IndexBuilder(String scratchFile, int runMax) {
    this.scratch = scratchFile == null ? null : new Scratch(scratchFile);
    this.runMax = runMax;
    this.events = new DatomSorter(DatomOrder.EAVT, scratch, runMax);
    Bootstrap.datomsByT().forEach(events::add);
  }

  /** Whether a transaction can be added: what withdraws something counts at its place only. */
  static boolean takes(Transaction transaction) {
    return transaction.withdrawn().isEmpty();
  }

  /**
   * Adds the next transaction, by rising T.
   *
   * @param transaction one that {@link #takes} allows
   * @param link the hash chain at it as the log tells; null for a transaction that is as it came
   */
  void add(Transaction transaction, String link) {
    schema = schema.with(transaction.datoms());
    transaction.datoms().forEach(events::add);
    if (link == null) {
      chain.add(transaction);
    } else {
      chain = new HashChain(link);
    }
    t = transaction.t();
  }

  /** T of the newest transaction, 0 if there is none. */
  long t() {
    return t;
  }

  /** The hash chain there. */
  String chain() {
    return chain.link();
  }

  /** The schema there. */
  Schema schema() {
    return schema;
  }

  /** Fills the maps, which must be empty; once, when all transactions were taken. */
  void build(IndexMaps maps) {
    Map<IndexOrder, Sorter> current = new EnumMap<>(IndexOrder.class);
    Map<IndexOrder, Sorter> past = new EnumMap<>(IndexOrder.class);
    for (IndexOrder order : OTHERS) {
      current.put(order, sorter(order, FactOrder.of(order)));
      past.put(order, sorter(order, DatomOrder.of(order)));
    }
    new Facts(maps, current, past).replay(events.sorted());
    for (IndexOrder order : OTHERS) {
      current.get(order).sorted().forEachRemaining(datom -> maps.append(false, order, datom));
      past.get(order).sorted().forEachRemaining(datom -> maps.append(true, order, datom));
    }
    maps.appended();
  }

  private Sorter sorter(IndexOrder order, Comparator<Datom> comparator) {
    return order == IndexOrder.VAET ? new DatomSorter(comparator, scratch, runMax)
        : new AttributeSorter(comparator, scratch, runMax);
  }

  /** Follows each fact through its time, as {@link IndexMaps#apply} would. */
  private final class Facts {
    private final Comparator<Datom> sameFact = FactOrder.of(IndexOrder.EAVT);
    private final IndexMaps maps;
    private final Map<IndexOrder, Sorter> current;
    private final Map<IndexOrder, Sorter> past;
    private final FactSteps steps = new FactSteps(this::giveToPast);
    private Datom lastPast;

    Facts(IndexMaps maps, Map<IndexOrder, Sorter> current, Map<IndexOrder, Sorter> past) {
      this.maps = maps;
      this.current = current;
      this.past = past;
    }

    void replay(Iterator<Datom> sorted) {
      Datom before = null;
      while (sorted.hasNext()) {
        Datom datom = sorted.next();
        if (before != null && sameFact.compare(before, datom) != 0) {
          endFact();
        }
        steps.step(datom);
        before = datom;
      }
      endFact();
    }

    private void endFact() {
      if (steps.current() != null) {
        give(steps.current(), false, current);
      }
      steps.begin(null);
      lastPast = null;
    }

    // Datomic's log may have a retraction twice.
    private void giveToPast(Datom datom) {
      if (!datom.equals(lastPast)) {
        give(datom, true, past);
        lastPast = datom;
      }
    }

    private void give(Datom datom, boolean isPast, Map<IndexOrder, Sorter> sorters) {
      maps.append(isPast, IndexOrder.EAVT, datom);
      sorters.get(IndexOrder.AEVT).add(datom);
      Attribute attribute = schema.attribute(datom.a());
      if (attribute != null && attribute.isInAvet()) {
        sorters.get(IndexOrder.AVET).add(datom);
      }
      if (attribute != null && attribute.isRef()) {
        sorters.get(IndexOrder.VAET).add(datom);
      }
    }
  }

  @Override
  public void close() {
    if (scratch != null) {
      scratch.close();
    }
  }
}
