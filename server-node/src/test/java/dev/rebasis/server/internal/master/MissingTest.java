package dev.rebasis.server.internal.master;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Datom;
import dev.rebasis.data.DatomOrder;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Transaction;
import datomic.Database;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: what a first load sends makes, of the current datoms of an old T, those of the newest, whatever came and went.
 * Method: random transactions with many changes to few places; from each of several Ts the net changes are applied to
 * Datomic's own as-of value and compared with its newest. Also with a break in between and a continuation, and with more that is
 * written between any two that are read.
 */
class MissingTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void netChanges_leadFromAnyTToTheNewest(long seed) {
    Random random = new Random(seed);
    try (MasterFixture fixture = MasterFixture.inMemory()) {
      fixture.transact(MasterFixture.SCHEMA);
      List<Long> ts = write(fixture, random, 120);
      Set<Datom> newest = current(fixture.master.database());
      int all = count(fixture.master.missingAfter(0));
      assertThat(fixture.master.datomsAfter(0)).isGreaterThanOrEqualTo(all);
      ts.add(0L);
      for (long t : ts) {
        Set<Datom> datoms = t == 0 ? current(fixture.master.database().asOf(66L)) : current(fixture.master.database().asOf(t));
        long last = apply(fixture.master.missingAfter(t).transactions(), datoms, Long.MAX_VALUE);
        assertThat(last).isEqualTo(t == fixture.master.forcedT() ? 0 : fixture.master.forcedT());
        assertThat(datoms).as("from T %s, seed %s", t, seed).isEqualTo(newest);
        assertThat(fixture.master.datomsAfter(t)).isGreaterThanOrEqualTo(count(fixture.master.missingAfter(t)));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 6, 7})
  void aLoadThatWasCut_goesOnWithANewerOne(long seed) {
    Random random = new Random(seed);
    try (MasterFixture fixture = MasterFixture.inMemory()) {
      fixture.transact(MasterFixture.SCHEMA);
      List<Long> ts = write(fixture, random, 60);
      Set<Datom> datoms = current(fixture.master.database().asOf(66L));
      long reached = apply(fixture.master.missingAfter(0).transactions(), datoms, ts.get(30));
      write(fixture, random, 60);
      reached = apply(fixture.master.missingAfter(reached).transactions(), datoms, reached + 40);
      write(fixture, random, 10);
      apply(fixture.master.missingAfter(reached).transactions(), datoms, Long.MAX_VALUE);
      assertThat(datoms).as("seed %s", seed).isEqualTo(current(fixture.master.database()));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {8, 9})
  void whatIsWrittenWhileItIsRead_isNotInIt(long seed) {
    Random random = new Random(seed);
    try (MasterFixture fixture = MasterFixture.inMemory()) {
      fixture.transact(MasterFixture.SCHEMA);
      List<Long> ts = write(fixture, random, 60);
      for (long t : List.of(0L, ts.get(20), ts.get(50))) {
        Set<Datom> datoms = current(fixture.master.database().asOf(t == 0 ? 66L : t));
        Set<Datom> expected = current(fixture.master.database());
        Missing missing = fixture.master.missingAfter(t);
        assertThat(missing.t()).isEqualTo(fixture.master.forcedT());
        long last = apply(() -> new Interrupted(missing.transactions().iterator(), () -> write(fixture, random, 3)), datoms, Long.MAX_VALUE);
        assertThat(last).isEqualTo(missing.t()).isLessThan(fixture.master.forcedT());
        assertThat(datoms).as("from T %s, seed %s", t, seed).isEqualTo(expected).isNotEqualTo(current(fixture.master.database()));
      }
    }
  }

  /** Something happens before each that is read. */
  private record Interrupted(Iterator<Transaction> transactions, Runnable between) implements Iterator<Transaction> {
    @Override
    public boolean hasNext() {
      return transactions.hasNext();
    }

    @Override
    public Transaction next() {
      between.run();
      return transactions.next();
    }
  }

  private static List<Long> write(MasterFixture fixture, Random random, int transactions) {
    List<Long> ts = new ArrayList<>();
    for (int i = 0; i < transactions; i++) {
      String number = "\"A-" + random.nextInt(6) + "\"";
      String form = switch (random.nextInt(5)) {
        case 0 -> "{:order/number " + number + " :order/note \"n" + random.nextInt(3) + "\"}";
        case 1 -> "{:order/number " + number + " :order/quantity " + random.nextInt(3) + "}";
        case 2 -> "{:order/number " + number + " :order/tags [:t/" + "abc".charAt(random.nextInt(3)) + "]}";
        case 3 -> "{:order/number " + number + " :order/items [{:db/id \"i\" :order/note \"item\"}]}";
        default -> random.nextInt(3) == 0 ? "[:db/retractEntity [:order/number " + number + "]]"
            : "{:db/id \"x\" :order/note \"loose\"}";
      };
      ts.add(fixture.transact("[" + form + "]").transaction().t());
    }
    return ts;
  }

  private static int count(Missing missing) {
    int datoms = 0;
    for (Transaction transaction : missing.transactions()) {
      datoms += transaction.datoms().size();
    }
    return datoms;
  }

  /** As a client's index does: to assert what is there or retract what is not changes nothing. */
  private static long apply(Iterable<Transaction> transactions, Set<Datom> datoms, long upToT) {
    long last = 0;
    for (Transaction transaction : transactions) {
      if (transaction.t() > upToT) {
        break;
      }
      assertThat(transaction.t()).isGreaterThan(last);
      last = transaction.t();
      for (Datom datom : transaction.datoms()) {
        if (datom.e() == 0) {
          continue;
        }
        boolean there = datoms.stream().anyMatch(d -> same(d, datom));
        if (datom.added() && !there) {
          datoms.add(datom);
        } else if (!datom.added()) {
          datoms.removeIf(d -> same(d, datom));
        }
      }
    }
    return last;
  }

  private static boolean same(Datom x, Datom y) {
    return x.e() == y.e() && x.a() == y.a() && x.v().equals(y.v());
  }

  private static Set<Datom> current(Database database) {
    Set<Datom> datoms = new TreeSet<>(DatomOrder.EAVT);
    for (datomic.Datom datom : database.datoms(Database.EAVT)) {
      Datom translated = DatomicFactView.translate(datom);
      if (translated.e() != 0 && EntityIds.tOf(translated.tx()) >= 1000) {
        datoms.add(translated);
      }
    }
    return datoms;
  }
}
