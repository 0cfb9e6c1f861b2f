package dev.rebasis.client.internal;

import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.data.ValueType;
import dev.rebasis.protocol.Intent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** Transactions, intents and ids for the tests of the store. Pure. */
public final class Samples {
  /** Begin of the simulated time, 2001. */
  public static final Instant EPOCH = Instant.ofEpochMilli(978_307_200_000L);
  /** First id of Datomic's user partition. */
  public static final long USER = 4L << 42;

  private Samples() {}

  /** Ids that differ within one test and are the same in each run. */
  public static Supplier<UUID> ids() {
    AtomicLong count = new AtomicLong();
    return () -> new UUID(0x5ebad15L, count.incrementAndGet());
  }

  /** A transaction with its txInstant and these datoms, each given as e, a, v and whether it is added. */
  public static Transaction tx(long t, Object[]... datoms) {
    long tx = EntityIds.txOf(t);
    List<Datom> all = new ArrayList<>();
    all.add(new Datom(tx, SystemIds.DB_TX_INSTANT, EPOCH.plusMillis(t), tx, true));
    for (Object[] d : datoms) {
      all.add(new Datom(((Number) d[0]).longValue(), ((Number) d[1]).longValue(), d[2], tx, (Boolean) d[3]));
    }
    return new Transaction(t, Collections.unmodifiableList(all));
  }

  /** A fact asserted. */
  public static Object[] add(long e, long a, Object v) {
    return new Object[] {e, a, v, true};
  }

  /** A fact retracted. */
  public static Object[] retract(long e, long a, Object v) {
    return new Object[] {e, a, v, false};
  }

  /** The datoms that make an attribute; flags: many, index, identity, component. */
  public static Object[][] attribute(long id, String ident, ValueType type, String... flags) {
    List<String> has = Arrays.asList(flags);
    List<Object[]> datoms = new ArrayList<>();
    datoms.add(add(id, SystemIds.DB_IDENT, Keyword.of(ident)));
    datoms.add(add(id, SystemIds.DB_VALUE_TYPE, type.id()));
    datoms.add(add(id, SystemIds.DB_CARDINALITY,
        has.contains("many") ? SystemIds.CARDINALITY_MANY : SystemIds.CARDINALITY_ONE));
    if (has.contains("index")) {
      datoms.add(add(id, SystemIds.DB_INDEX, true));
    }
    if (has.contains("identity")) {
      datoms.add(add(id, SystemIds.DB_UNIQUE, SystemIds.UNIQUE_IDENTITY));
    }
    if (has.contains("component")) {
      datoms.add(add(id, SystemIds.DB_IS_COMPONENT, true));
    }
    return datoms.toArray(new Object[0][]);
  }

  /** All rows in one array. */
  public static Object[][] all(Object[][]... parts) {
    List<Object[]> datoms = new ArrayList<>();
    for (Object[][] part : parts) {
      datoms.addAll(Arrays.asList(part));
    }
    return datoms.toArray(new Object[0][]);
  }

  /** An intent with one list form. */
  public static Intent intent(long seq, long basisT, Object... form) {
    return new Intent(new UUID(0x17e47L, seq), seq, basisT, EPOCH.plusMillis(seq), List.of(List.of(form)),
        Map.of(Intent.TX_TEMPID, seq));
  }
}
