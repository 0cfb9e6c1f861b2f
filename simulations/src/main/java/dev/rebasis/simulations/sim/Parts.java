package dev.rebasis.simulations.sim;

import dev.rebasis.client.Database;
import dev.rebasis.client.Scope;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.error.RebasisException;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.scope.PartRule;
import dev.rebasis.server.internal.scope.ScopeState;
import dev.rebasis.simulations.check.Finding;
import dev.rebasis.simulations.check.Replicas;
import dev.rebasis.simulations.world.ClientNode;
import dev.rebasis.simulations.world.ServerFacts;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Which parts of the database the clients of a play hold, where its workload has some: the first client holds everything,
 * the others what they want. What a client holds is compared with its scopes asked anew of the server's database.
 * Confined.
 */
final class Parts {
  private static final String NONE = "-";

  private final Stage stage;
  private final Map<String, List<Scope>> wanted = new HashMap<>();

  Parts(Stage stage) {
    this.stage = stage;
  }

  /** Some scopes, by name, as a step's argument. */
  static String draw(List<Scope> scopes, Random random) {
    String some = String.join(",", scopes.stream().map(Scope::name).filter(name -> random.nextBoolean()).toList());
    return some.isEmpty() ? NONE : some;
  }

  /** What clients begin with follows from the plan's seed, so that a plan that is made smaller keeps it. */
  void begin(Plan plan) {
    List<Scope> all = stage.workload.scopes();
    if (!all.isEmpty()) {
      for (String name : plan.clientNames().subList(1, plan.clients())) {
        wanted.put(name, named(draw(all, new Random(plan.seed() * 31 + name.hashCode()))));
      }
    }
  }

  private List<Scope> named(String argument) {
    List<String> names = Arrays.asList(argument.split(","));
    return stage.workload.scopes().stream().filter(scope -> names.contains(scope.name())).toList();
  }

  /** A program names what it wants whenever it opens its store; the first client goes on with what its store holds. */
  void starts(ClientNode client) {
    List<Scope> scopes = wanted.get(client.name());
    client.scopes(scopes == null ? null : scopes.stream().map(Scope::spec).toList());
  }

  /** A running client changes what it wants; nobody waits for that, since a crash may come first. */
  void change(String name, String argument) {
    if (!stage.isRunning(name) || stage.world.client(name).client().scopes() == null) {
      stage.tell(name, "scopes " + argument + ": it is down, or holds everything");
      return;
    }
    stage.tell(name, "scopes " + argument);
    stage.tally.operation("change-scopes");
    List<Scope> scopes = named(argument);
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
    Master master = stage.world.server().master();
    PartRule rule = new PartRule(scopes.stream().map(Scope::spec).toList(), null, Set.of());
    ScopeState part = new ScopeState(rule, master.database(), master.forcedT(), master::schema);
    return Replicas.compare(name + " with " + scopes.stream().map(Scope::name).toList(), database, server,
        datom -> isCompared(datom, master), part::has);
  }

  /** Of transactions and their conflicts each client has its own records. */
  private static boolean isCompared(Datom datom, Master master) {
    return !EntityIds.isTx(datom.e()) && !String.valueOf(master.schema().ident(datom.a())).startsWith(":rebasis.conflict");
  }
}
