package dev.rebasis.simulations.sim;

import dev.rebasis.client.Database;
import dev.rebasis.client.Scope;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.simulations.check.ScopeContents;
import dev.rebasis.simulations.world.ClientNode;
import dev.rebasis.simulations.world.ServerFacts;
import dev.rebasis.simulations.world.ServerNode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * In how many current datoms a client differs from the server, whatever T either claims to be at. Counted anew when one
 * of them moves, and twice a virtual minute, since it costs the size of the database. Confined to one play.
 */
final class Divergence {
  private static final long EVERY_MILLIS = 30_000;

  private record Count(List<Long> at, long differing) {}

  private final Map<String, Count> last = new HashMap<>();
  private Set<Datom> server = Set.of();
  private ServerFacts facts;
  private datomic.Database asked;
  private long serverT = -1;
  private long readMillis;

  /** While the server is down it holds what it held last. */
  long of(ClientNode client, ServerNode node, long millis) {
    if (node.isRunning() && (node.master().forcedT() != serverT || millis - readMillis >= EVERY_MILLIS)) {
      facts = ServerFacts.of(node.master());
      asked = node.master().database();
      server = new HashSet<>(facts.current());
      serverT = node.master().forcedT();
      readMillis = millis;
    }
    Database confirmed = client.client().confirmed();
    List<Long> at = List.of(confirmed.basisT(), serverT, millis / EVERY_MILLIS);
    Count before = last.get(client.name());
    if (before == null || !before.at.equals(at)) {
      before = new Count(at, client.disk().faults().looking(() -> differing(confirmed, client.client().scopes())));
      last.put(client.name(), before);
    }
    return before.differing;
  }

  private long differing(Database confirmed, List<Scope> scopes) {
    if (scopes != null) {
      return facts == null ? 0 : ScopeContents.differing(confirmed, scopes, facts, asked);
    }
    long common = 0;
    long held = 0;
    for (Datom datom : confirmed.datoms(IndexOrder.EAVT)) {
      held++;
      common += server.contains(datom) ? 1 : 0;
    }
    return held - common + server.size() - common;
  }
}
