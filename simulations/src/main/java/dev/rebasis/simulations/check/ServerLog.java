package dev.rebasis.simulations.check;

import dev.rebasis.simulations.world.ServerFacts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A server's whole log, read once. Immutable. */
final class ServerLog {
  private final ServerFacts facts;
  private final List<LoggedTransaction> transactions = new ArrayList<>();
  private final Map<UUID, List<LoggedTransaction>> byId = new LinkedHashMap<>();
  private final Map<Long, Map<Long, Long>> madeByClient = new HashMap<>();

  ServerLog(ServerFacts facts) {
    this.facts = facts;
    facts.transactions().forEach(raw -> {
      LoggedTransaction read = LoggedTransaction.read(raw, facts.schema());
      transactions.add(read);
      if (read.isPushed()) {
        byId.computeIfAbsent(read.id(), id -> new ArrayList<>()).add(read);
        madeByClient.computeIfAbsent(read.client(), client -> new HashMap<>()).putAll(read.made());
      }
    });
  }

  ServerFacts facts() {
    return facts;
  }

  List<LoggedTransaction> transactions() {
    return transactions;
  }

  /** All that have this id: there should be one. */
  List<LoggedTransaction> of(UUID id) {
    return byId.getOrDefault(id, List.of());
  }

  /** The ids of all that clients pushed. */
  Iterable<UUID> ids() {
    return byId.keySet();
  }

  /** Everything that a client's tempids stand for. */
  Map<Long, Long> made(long client) {
    return madeByClient.getOrDefault(client, Map.of());
  }
}
