package dev.rebasis.client.internal.db;

import static org.assertj.core.api.Assertions.fail;

import dev.rebasis.client.Database;
import dev.rebasis.client.internal.mirror.Mirror;
import dev.rebasis.client.internal.query.Oracle;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.SystemIds;
import dev.rebasis.edn.Edn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/**
 * Random histories, seen as of, since, with history and filtered, through indexes, pulls and queries, on Datomic and
 * here. {@code -Drebasis.time.seed} repeats a run, {@code -Drebasis.time.histories} makes it longer.
 */
class TimeTravelOracleTest {
  private static final long SEED = Long.getLong("rebasis.time.seed", 20_261_121L);
  private static final int HISTORIES = Integer.getInteger("rebasis.time.histories", 6);
  private static final int TRANSACTIONS = 25;
  private static final int VIEWS_EACH = 40;
  private static final int READS_EACH = 12;
  private static final int DATOMS_MAX = 60;
  private static final List<String> ATTRIBUTES = List.of(":n/key", ":n/num", ":n/tags", ":n/ref", ":n/refs", ":n/when");
  private static final List<String> INDEXED = List.of(":n/key", ":n/num", ":n/when", ":db/txInstant", ":db/ident");

  @Test
  void everyViewShowsWhatDatomicsDoes() {
    for (int i = 0; i < HISTORIES; i++) {
      new World(SEED + i, TRANSACTIONS).run();
    }
  }

  @Test
  void viewsEndBetweenPendingTransactionsToo() {
    for (int i = 0; i < HISTORIES; i++) {
      new World(SEED + i, i % 2 == 0 ? 0 : 12).run();
    }
  }

  /** One history. */
  private static final class World {
    private final long seed;
    private final Random random;
    private final Mirror mirror = new Mirror();
    private final List<Long> entities = new ArrayList<>();
    private final List<Long> times = new ArrayList<>();
    private final List<Instant> instants = new ArrayList<>();

    private final int confirmed;

    /**
     * Makes one.
     *
     * @param confirmed how many transactions are confirmed; those after them are pending
     */
    World(long seed, int confirmed) {
      this.seed = seed;
      this.confirmed = confirmed;
      this.random = new Random(seed);
    }

    void run() {
      try (mirror) {
        transact("""
            [[:db/add "datomic.tx" :db/txInstant #inst "2001-01-01"]
             {:db/ident :n/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one
              :db/unique :db.unique/identity}
             {:db/ident :n/num :db/valueType :db.type/long :db/cardinality :db.cardinality/one :db/index true}
             {:db/ident :n/tags :db/valueType :db.type/string :db/cardinality :db.cardinality/many}
             {:db/ident :n/ref :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
             {:db/ident :n/refs :db/valueType :db.type/ref :db/cardinality :db.cardinality/many}
             {:db/ident :n/when :db/valueType :db.type/instant :db/cardinality :db.cardinality/one :db/index true}]""");
        for (int i = 0; i < TRANSACTIONS; i++) {
          if (i == confirmed) {
            mirror.holdBack();
          }
          transact(next(i));
        }
        for (int i = 0; i < VIEWS_EACH; i++) {
          view();
        }
      }
    }

    private void transact(String edn) {
      Map<?, ?> report = mirror.transact(edn);
      for (Object id : ((Map<?, ?>) report.get(datomic.Connection.TEMPIDS)).values()) {
        if ((Long) id >>> 42 == 4) {
          entities.add((Long) id);
        }
      }
      times.add(mirror.theirs().basisT());
    }

    /** Instants rise by a millisecond or not at all. */
    private String next(int number) {
      Instant instant = Instant.ofEpochMilli(1_000_000_000_000L + number / 2 * 2);
      instants.add(instant);
      StringBuilder forms = new StringBuilder("[[:db/add \"datomic.tx\" :db/txInstant ")
          .append(Edn.write(instant)).append("] {:db/id \"new\" :n/key \"k").append(number).append("\"}");
      Set<String> taken = new HashSet<>();
      for (int i = random.nextInt(6); i > 0; i--) {
        Object e = random.nextInt(3) == 0 || entities.isEmpty() ? "\"new\"" : any(entities);
        String a = any(ATTRIBUTES.subList(1, ATTRIBUTES.size()));
        if (!taken.add(e + a)) {
          continue;
        }
        boolean retracts = random.nextInt(3) == 0 && !"\"new\"".equals(e);
        forms.append(retracts ? " [:db/retract " : " [:db/add ").append(e).append(' ').append(a);
        forms.append(retracts && random.nextBoolean() ? "]" : " " + value(a) + "]");
      }
      if (random.nextInt(8) == 0 && entities.size() > 3) {
        return "[[:db/add \"datomic.tx\" :db/txInstant " + Edn.write(instant) + "] [:db/retractEntity " + any(entities)
            + "]]";
      }
      return forms.append("]").toString();
    }

    private Object value(String attribute) {
      return switch (attribute) {
        case ":n/num" -> random.nextInt(4);
        case ":n/tags" -> "\"" + (char) ('a' + random.nextInt(4)) + "\"";
        case ":n/when" -> Edn.write(Instant.ofEpochMilli(random.nextInt(5)));
        default -> entities.isEmpty() ? "\"new\"" : any(entities);
      };
    }

    private <T> T any(List<T> list) {
      return list.get(random.nextInt(list.size()));
    }

    // ---- views

    private void view() {
      Database ours = mirror.ours();
      datomic.Database theirs = mirror.theirs();
      StringBuilder name = new StringBuilder();
      for (int i = random.nextInt(3); i >= 0; i--) {
        switch (random.nextInt(4)) {
          case 0 -> {
            Object moment = moment();
            name.append(" asOf ").append(moment);
            ours = ours.asOf(ourMoment(moment));
            theirs = theirs.asOf(moment instanceof Instant instant ? Date.from(instant) : moment);
          }
          case 1 -> {
            Object moment = moment();
            name.append(" since ").append(moment);
            ours = ours.since(ourMoment(moment));
            theirs = theirs.since(moment instanceof Instant instant ? Date.from(instant) : moment);
          }
          case 2 -> {
            name.append(" history");
            ours = ours.history();
            theirs = theirs.history();
          }
          default -> {
            long odd = random.nextInt(2);
            name.append(" filter e%2=").append(odd);
            ours = ours.filter((database, datom) -> isTransaction(datom.e()) || datom.e() % 2 == odd);
            theirs = theirs.filter(
                (database, datom) -> isTransaction((Long) datom.e()) || (Long) datom.e() % 2 == odd);
          }
        }
      }
      for (int i = 0; i < READS_EACH; i++) {
        read(name.toString(), ours, theirs);
      }
    }

    private static boolean isTransaction(long e) {
      return e < 0 || EntityIds.isTx(e);
    }

    private Object moment() {
      return switch (random.nextInt(4)) {
        case 0 -> EntityIds.txOf(any(times));
        case 1 -> any(times) + random.nextInt(2);
        default -> any(instants).plusMillis(random.nextInt(3) - 1);
      };
    }

    /** A pending transaction has no T: its local id stands for it. */
    private Object ourMoment(Object moment) {
      if (!(moment instanceof Long t)) {
        return moment;
      }
      long tx = EntityIds.isTx(t) ? t : EntityIds.txOf(t);
      while (mirror.translated(tx).equals(tx) && !times.contains(EntityIds.tOf(tx))) {
        tx--;
      }
      Object translated = mirror.translated(tx);
      return translated.equals(tx) ? moment : translated;
    }

    private void read(String view, Database ours, datomic.Database theirs) {
      IndexOrder order = IndexOrder.values()[random.nextInt(4)];
      List<Object> components = components(order);
      List<Object> sent = new ArrayList<>();
      components.forEach(component -> sent.add(Oracle.theirs(component)));
      Object index = index(order);
      switch (random.nextInt(7)) {
        case 0, 1 -> same(view + " datoms " + order + components, ours(ours.datoms(order, components.toArray())),
            () -> theirs(theirs.datoms(index, sent.toArray())));
        case 2 -> same(view + " seek " + order + components, ours(ours.seekDatoms(order, components.toArray())),
            () -> theirs(theirs.seekDatoms(index, sent.toArray())));
        case 3 -> same(view + " rseek " + order + components, ours(ours.rseekDatoms(order, components.toArray())),
            () -> theirs(theirs.rseekDatoms(index, sent.toArray())));
        case 4 -> {
          String a = any(INDEXED.subList(0, 3));
          Object start = random.nextInt(4) == 0 ? null : Edn.read(valueOf(a));
          Object end = random.nextInt(4) == 0 ? null : Edn.read(valueOf(a));
          same(view + " indexRange " + a + " " + start + " " + end, ours(ours.indexRange(a, start, end)),
              () -> theirs(theirs.indexRange(a, Oracle.theirs(start), Oracle.theirs(end))));
        }
        case 5 -> {
          if (!ours.isHistory()) {
            Object e = any(entities);
            String pattern = any(List.of("[*]", "[:n/num {:n/_refs [:n/key]}]", "[:n/key {:n/refs [:n/key]}]"));
            same(view + " pull " + pattern + " " + e, ours.pull(pattern, e), () -> theirs.pull(pattern, e));
          }
        }
        default -> {
          String query = any(List.of("[:find ?e ?k ?v :where [?e :n/key ?k] [?e :n/num ?v]]",
              "[:find ?e ?f ?tx :where [?e :n/refs ?f ?tx] [?f :n/key _]]",
              "[:find ?e ?v ?tx ?op :where [?e :n/num ?v ?tx ?op]]",
              "[:find ?e ?when :where [?e :n/tags \"a\" ?tx] [?tx :db/txInstant ?when]]"));
          same(view + " " + query, new HashSet<>(ours.q(query)),
              () -> new HashSet<>(datomic.Peer.q(query, theirs)));
        }
      }
    }

    private List<Object> components(IndexOrder order) {
      List<Object> components = new ArrayList<>();
      String a = any(order == IndexOrder.AVET ? INDEXED.subList(0, 3)
          : order == IndexOrder.VAET ? List.of(":n/ref", ":n/refs") : ATTRIBUTES);
      Object v = Edn.read(valueOf(a));
      Object e = any(entities);
      List<Object> all = switch (order) {
        case EAVT -> List.of(e, keyword(a), v);
        case AEVT -> List.of(keyword(a), e, v);
        case AVET -> List.of(keyword(a), v, e);
        case VAET -> List.of(v, keyword(a), e);
      };
      components.addAll(all.subList(0, random.nextInt(3) + 1));
      return components;
    }

    private static Object keyword(String a) {
      return dev.rebasis.data.Keyword.of(a);
    }

    private String valueOf(String a) {
      return a.equals(":n/key") ? "\"k" + random.nextInt(TRANSACTIONS) + "\"" : value(a).toString();
    }

    private void same(String what, Object ours, java.util.function.Supplier<Object> theirs) {
      Object expected = translated(Oracle.ours(theirs.get()));
      if (!expected(ours, expected)) {
        fail("seed %d:%s%nDatomic: %s%nRebasis: %s", seed, what, expected, ours);
      }
    }

    private Object translated(Object theirs) {
      if (theirs instanceof Set<?> rows) {
        Set<Object> all = new HashSet<>();
        rows.forEach(row -> all.add(mirror.translated(row)));
        return all;
      }
      return theirs;
    }

    private static boolean expected(Object ours, Object theirs) {
      return ours == null ? theirs == null : ours.equals(theirs);
    }

    private static Object index(IndexOrder order) {
      return switch (order) {
        case EAVT -> datomic.Database.EAVT;
        case AEVT -> datomic.Database.AEVT;
        case AVET -> datomic.Database.AVET;
        case VAET -> datomic.Database.VAET;
      };
    }

    // Entities of transactions are left out: where local ids stand for them they are sorted otherwise.
    private static List<Datom> ours(Iterable<Datom> datoms) {
      return StreamSupport.stream(datoms.spliterator(), false)
          .filter(datom -> !isTransaction(datom.e())).limit(DATOMS_MAX).toList();
    }

    private List<Datom> theirs(Iterable<datomic.Datom> datoms) {
      return StreamSupport.stream(datoms.spliterator(), false)
          .filter(datom -> !isTransaction((Long) datom.e()) && ((Number) datom.a()).longValue() != SystemIds.DB_FN)
          .limit(DATOMS_MAX).map(datom -> mirror.translated(Mirror.ours(datom))).toList();
    }
  }
}
