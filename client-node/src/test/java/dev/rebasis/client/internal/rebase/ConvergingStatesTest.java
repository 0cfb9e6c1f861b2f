package dev.rebasis.client.internal.rebase;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.internal.fake.FakeServer;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Goal: real clients' states over one server converge, whatever the batches in which they are told, and whatever is pushed
 * twice. Method: three of them write random transactions on few entities (structure, functions, premises, groups, schema and
 * policies that change meanwhile), push and are told in random pieces. Whenever two stand on one T with nothing pending,
 * they show the same; in the end all show what the server has. A push that is repeated changes nothing.
 */
class ConvergingStatesTest extends RandomHistories {
  @Override
  void play(List<RandomClient> clients, FakeServer server, Random random, String where) {
    for (int step = 0; step < 120; step++) {
      step(clients.get(random.nextInt(3)), random);
      compareThoseOnOneT(clients, where + ", step " + step);
    }
    settle(clients, server, where);
  }

  private static void step(RandomClient client, Random random) {
    int dice = random.nextInt(20);
    if (dice < 10) {
      client.transact();
    } else if (dice < 13) {
      client.push(1 + random.nextInt(3));
    } else if (dice < 15) {
      client.remote();
    } else if (dice == 15) {
      client.withdraw();
    } else {
      client.confirm();
    }
  }

  private static void settle(List<RandomClient> clients, FakeServer server, String where) {
    clients.forEach(client -> client.push(Integer.MAX_VALUE));
    for (RandomClient client : clients) {
      while (client.behind()) {
        client.confirm();
      }
      assertThat(client.pending()).as("%s: nothing is left pending", where).isZero();
      assertThat(client.shown()).as(where).isEqualTo(server.datoms());
    }
    List<Datom> before = server.datoms();
    clients.forEach(RandomClient::pushAllAgain);
    assertThat(server.datoms()).as("%s: what is pushed twice", where).isEqualTo(before);
  }

  private static void compareThoseOnOneT(List<RandomClient> clients, String where) {
    Map<Long, List<Datom>> byT = new HashMap<>();
    for (RandomClient client : clients) {
      List<Datom> confirmed = new ArrayList<>();
      client.state.confirmed().datoms(IndexOrder.EAVT).forEach(confirmed::add);
      List<Datom> other = byT.putIfAbsent(client.index.position(), confirmed);
      assertThat(confirmed).as(where).isEqualTo(other == null ? confirmed : other);
      if (client.pending() == 0) {
        assertThat(client.shown()).as(where).isEqualTo(confirmed);
      }
    }
  }
}
