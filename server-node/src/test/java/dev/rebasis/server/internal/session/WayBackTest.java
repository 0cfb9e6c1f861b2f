package dev.rebasis.server.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Transaction;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import dev.rebasis.executor.InlineExecutor;
import dev.rebasis.server.internal.master.EmbeddedMaster;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.master.MasterSetup;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: a client that was away long is told to load anew just when that is less to send. Method: random histories of growing,
 * changing and shrinking, in which what would really be sent is counted both ways; near the border, where either is as good, any
 * answer is taken.
 */
class WayBackTest {
  private static final String SCHEMA = """
      [{:db/ident :order/number :db/valueType :db.type/long :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :order/a :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :order/b :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]""";
  private static final int LEAST = 2_000;

  private final InlineExecutor inline = new InlineExecutor();
  private final EmbeddedMaster master = EmbeddedMaster.open(new MasterSetup(null, "memory",
      Clock.fixed(Instant.parse("2001-01-01T00:00:00Z"), ZoneOffset.UTC), () -> new UUID(7, 7), inline, inline,
      e -> { throw e; }, (done, total) -> { }));
  private final TreeMap<Long, Long> orders = new TreeMap<>();
  private long number;
  private long value;

  @BeforeEach
  void begin() {
    transact(SCHEMA);
  }

  @AfterEach
  void end() {
    master.close();
  }

  private Master.Transacted transact(String forms) {
    List<Master.Transacted> done = new ArrayList<>();
    inline.execute(() -> master.transact((List<?>) Edn.read(forms), new Master.Answer<>() {
      @Override
      public void done(Master.Transacted transacted) {
        done.add(transacted);
      }

      @Override
      public void refused(RebasisException reason) {
        throw reason;
      }
    }));
    return done.get(0);
  }

  private void grow(int more) {
    StringBuilder forms = new StringBuilder("[");
    long first = number;
    for (int i = 0; i < more; i++) {
      number++;
      forms.append("{:db/id \"").append(number).append("\" :order/number ").append(number).append(" :order/a ").append(++value)
          .append(" :order/b ").append(++value).append("}");
    }
    Master.Transacted done = transact(forms.append("]").toString());
    for (long n = first + 1; n <= number; n++) {
      orders.put(n, done.tempids().get(Long.toString(n)));
    }
  }

  private List<Long> someOrders(Random random, int count) {
    List<Long> chosen = new ArrayList<>(orders.keySet());
    java.util.Collections.shuffle(chosen, random);
    return chosen.subList(0, Math.min(count, chosen.size()));
  }

  private void change(Random random, int count) {
    StringBuilder forms = new StringBuilder("[");
    someOrders(random, count).forEach(n -> forms.append("[:db/add ").append(orders.get(n)).append(" :order/a ").append(++value).append("]"));
    transact(forms.append("]").toString());
  }

  private void shrink(Random random, int count) {
    StringBuilder forms = new StringBuilder("[");
    someOrders(random, count).forEach(n -> forms.append("[:db/retractEntity ").append(orders.remove(n)).append("]"));
    transact(forms.append("]").toString());
  }

  private long sentAfter(long t) {
    long datoms = 0;
    for (Transaction transaction : master.missingAfter(t).transactions()) {
      datoms += transaction.datoms().size();
    }
    return datoms;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void aClientThatHoldsAllIsToldToLoadAnewIfThatIsLess(long seed) {
    Random random = new Random(seed);
    List<Long> stands = new ArrayList<>();
    grow(3_000 + random.nextInt(2_000));
    for (int step = 0; step < 6; step++) {
      stands.add(master.forcedT());
      switch (random.nextInt(3)) {
        case 0 -> grow(500 + random.nextInt(1_000));
        case 1 -> change(random, 1_000 + random.nextInt(2_000));
        default -> shrink(random, orders.size() * (2 + random.nextInt(7)) / 10);
      }
    }
    long anew = sentAfter(0);
    for (long t : stands) {
      long spared = sentAfter(t) - anew;
      boolean told = WayBack.isLoadLess(master, t, LEAST);
      if (Math.abs(spared - LEAST) > 1_500) {
        assertThat(told).as("at T %d loading anew would spare %d datoms", t, spared).isEqualTo(spared >= LEAST);
      }
    }
  }

  @Test
  void bothAnswersComeUp() {
    Random random = new Random(1);
    grow(4_000);
    long t = master.forcedT();
    change(random, 4_000);
    change(random, 4_000);
    assertThat(WayBack.isLoadLess(master, t, LEAST)).as("only changed").isFalse();
    shrink(random, 3_500);
    assertThat(WayBack.isLoadLess(master, t, LEAST)).as("mostly gone").isTrue();
  }

  @Test
  void anEntityWithALongHistoryIsNotCountedToItsEnd() {
    grow(1);
    long e = orders.get(1L);
    long t = master.forcedT();
    for (int i = 0; i < 1_200; i++) {
      transact("[[:db/add " + e + " :order/a " + ++value + "]]");
    }
    assertThat(WayBack.isLoadLess(master.database(), Set.of(e), t, 1_000)).isTrue();
    assertThat(WayBack.isLoadLess(master.database(), Set.of(e), t, 1_001)).as("a thousand are counted").isFalse();
  }
}
