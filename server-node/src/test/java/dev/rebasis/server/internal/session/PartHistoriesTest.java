package dev.rebasis.server.internal.session;

import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ScopeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: whatever happens to a session with scopes, its client ends with the datoms of its scopes. Method: random histories in which
 * clients come and go, read slowly, run out of credit and change their scopes, each with a replica.
 */
class PartHistoriesTest extends PartWorld {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whateverHappens_theClientEndsWithItsScopes(long seed) {
    Random random = new Random(seed);
    transact(SCHEMA);
    List<Holder> holders = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      holders.add(new Holder(i, scopes(random)));
    }
    for (int step = 0; step < 150; step++) {
      Holder holder = holders.get(random.nextInt(holders.size()));
      int what = random.nextInt(10);
      if (what < 6) {
        transact(forms(random));
      } else if (holder.connection == null) {
        holder.connect(random.nextBoolean() ? 1_000_000 : 30);
      } else if (what == 6) {
        holder.disconnect();
      } else if (what == 7) {
        holder.want(scopes(random));
      } else if (what == 8) {
        holder.connection.slow = !holder.connection.slow;
        flush(holder);
      } else {
        inline.execute(() -> holder.connection.session.received(new Message.PullCredit(25)));
        holder.push(forms(random), Map.of());
      }
      tick();
    }
    for (Holder holder : holders) {
      if (holder.connection != null) {
        holder.connection.slow = false;
        flush(holder);
        inline.execute(() -> holder.connection.session.received(new Message.PullCredit(1_000_000)));
        holder.disconnect();
      }
      holder.connect(1_000_000);
      tick();
      holder.take();
      holder.check();
      holder.want(scopes(random));
      holder.take();
      holder.check();
    }
  }

  private static List<ScopeSpec> scopes(Random random) {
    List<ScopeSpec> scopes = new ArrayList<>();
    for (String region : List.of("a", "b", "c")) {
      if (random.nextBoolean()) {
        scopes.add(region(region));
      }
    }
    if (random.nextInt(3) == 0) {
      scopes.add(new ScopeSpec("many", Edn.read("[:find ?o :where [?o :order/quantity ?q] [(> ?q 3)]]"), List.of(), null));
    }
    return scopes;
  }

  private static String forms(Random random) {
    String number = "\"" + random.nextInt(8) + "\"";
    String region = ":" + "abc".charAt(random.nextInt(3));
    return switch (random.nextInt(4)) {
      case 0 -> "[{:order/number " + number + " :order/region " + region + "}]";
      case 1 -> "[{:order/number " + number + " :order/quantity " + random.nextInt(7) + "}]";
      case 2 -> "[{:order/number " + number + " :order/region " + region + " :order/lines [{:line/product \"p"
          + random.nextInt(3) + "\"}]}]";
      default -> "[{:order/number " + number + " :order/region " + region + " :order/quantity " + random.nextInt(7) + "}]";
    };
  }
}
