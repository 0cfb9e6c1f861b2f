package dev.rebasis.simulations.sim;

import dev.rebasis.client.Database;
import dev.rebasis.client.Scope;
import dev.rebasis.error.RebasisException;
import dev.rebasis.simulations.check.Finding;
import dev.rebasis.simulations.check.LocalWrite;
import dev.rebasis.simulations.check.Replicas;
import dev.rebasis.simulations.check.ScopeContents;
import dev.rebasis.simulations.workload.DrawnScopes;
import dev.rebasis.simulations.world.ClientNode;
import dev.rebasis.simulations.world.ServerFacts;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Which parts of the database the clients of a play hold, where its workload has some: the first client holds everything,
 * the others what they want. What a client holds is compared with its scopes asked anew of the server's database.
 * Confined.
 */
final class Parts {
  private final Stage stage;
  private final Map<String, List<Scope>> wanted = new HashMap<>();
  private final Set<String> shared = new HashSet<>();

  Parts(Stage stage) {
    this.stage = stage;
  }

  /** What clients begin with. */
  void begin(Plan plan) {
    List<Scope> all = stage.workload.scopes();
    if (!all.isEmpty()) {
      for (String name : plan.clientNames().subList(1, plan.clients())) {
        wanted.put(name, DrawnScopes.atFirst(all, plan.seed(), name));
      }
    }
  }

  /** A program names what it wants whenever it opens its store; the first client goes on with what its store holds. */
  void starts(ClientNode client) {
    List<Scope> scopes = wanted.get(client.name());
    client.scopes(scopes == null ? null : scopes.stream().map(Scope::spec).toList());
  }

  /**
   * A client's store is another one's as well, or was: each holds what the other heard, and until the server notices, both are
   * told of what either of them makes.
   */
  void isShared(String name) {
    shared.add(name);
  }

  /** A running client changes what it wants; nobody waits for that, since a crash may come first. */
  void change(String name, String argument) {
    if (!stage.isRunning(name) || stage.world.client(name).client().scopes() == null) {
      stage.tell(name, "scopes " + argument + ": it is down, or holds everything");
      return;
    }
    stage.tell(name, "scopes " + argument);
    stage.tally.operation("change-scopes");
    List<Scope> scopes = DrawnScopes.named(stage.workload.scopes(), argument);
    wanted.computeIfPresent(name, (client, before) -> scopes);
    ClientNode client = stage.world.client(name);
    try {
      client.client().scopes(scopes);
    } catch (RebasisException e) {
      stage.tell(name, "fails as it changes its scopes: " + e.code());
      if (client.isRunning()) {
        stage.excuse(name, e);
        stage.crash(name);
      }
    }
    stage.buryFailed();
  }

  /** What differs between what a running client shows and what it should hold at the server's newest T. */
  List<Finding> compare(String name, ClientNode client, Database database, ServerFacts server) {
    List<Scope> scopes = client.client().scopes();
    if (scopes == null) {
      return Replicas.compare(name, database, server);
    }
    return ScopeContents.compare(
        name, database, scopes, server, stage.world.server().master().database(), id -> mayBeOwn(client.name(), id));
  }

  /** Of what nobody was told of, and of what came while two had one store, no one knows whose it is. */
  private boolean mayBeOwn(String name, UUID id) {
    LocalWrite write = stage.witness.write(id);
    return write == null || write.client().equals(name) || shared.contains(name);
  }
}
