package dev.rebasis.simulations.scope;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Scope;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.ScopeSpec;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.simulations.check.ScopeContents;
import dev.rebasis.simulations.world.ClientNode;
import dev.rebasis.simulations.world.ServerFacts;
import dev.rebasis.simulations.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: whatever is cut, killed or loses its power, clients end with exactly what is in their scopes, and what they wrote is
 * decided. Method: real clients and a real server in a virtual world; random writes, changes of scopes, cuts, crashes and power
 * losses from a seed; after all is healed, each client is compared with its scopes evaluated from scratch, asks for the digest,
 * and its inside is audited. Fails with the seed in the test's name.
 */
class ScopesUnderFaultsTest {
  private static final int SEEDS = Integer.getInteger("rebasis.scopes.seeds", 4);
  private static final int STEPS = 70;
  private static final String SCHEMA = """
      [{:db/ident :order/number :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :order/region :db/valueType :db.type/keyword :db/cardinality :db.cardinality/one}
       {:db/ident :order/quantity :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :order/lines :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}
       {:db/ident :line/product :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]""";
  private static final List<Scope> SCOPES = List.of(
      Scope.named("a", "[:find ?o :where [?o :order/region :a]]"),
      Scope.named("b", "[:find ?o :where [?o :order/region :b]]").pull("[:order/number]"),
      Scope.named("many", "[:find ?o :where [?o :order/quantity ?q] [(> ?q 5)]]"),
      Scope.named("tea", "[:find ?o :where [?o :order/lines ?l] [?l :line/product \"p1\"]]"));

  static LongStream seeds() {
    return LongStream.rangeClosed(1, SEEDS);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void clientsEndWithTheirScopes(long seed) throws Exception {
    Random random = new Random(seed);
    try (World world = new World(seed)) {
      world.server().start();
      world.server().transact((List<?>) Edn.read(SCHEMA));
      List<ClientNode> clients = new ArrayList<>();
      for (int i = 1; i <= 3; i++) {
        ClientNode client = world.client("c" + i);
        if (random.nextBoolean()) {
          client.tuning(Tuning.DEFAULT.withCreditDatoms(60));
        }
        client.scopes(specs(random));
        client.start();
        client.scopes(null);
        clients.add(client);
      }
      for (int step = 0; step < STEPS; step++) {
        step(world, clients.get(random.nextInt(clients.size())), random);
      }
      heal(world, clients);
      assertThat(world.settle()).as("settled").isTrue();
      for (ClientNode client : clients) {
        check(world, client);
      }
    }
  }

  private static void step(World world, ClientNode client, Random random) {
    switch (random.nextInt(12)) {
      case 0 -> world.cut(client.name());
      case 1, 2 -> world.heal(client.name());
      case 3 -> restart(client, random);
      case 4 -> {
        if (random.nextInt(3) == 0) {
          world.server().crash();
          world.server().start();
        }
      }
      case 5, 6 -> scopes(client.client(), random);
      case 7, 8 -> write(client.client(), random);
      default -> world.server().transact((List<?>) Edn.read(forms(random)));
    }
    world.advance(Duration.ofMillis(random.nextInt(400)));
  }

  /** A program names its scopes when it opens a store, or goes on with those that the store has from an earlier session. */
  private static void restart(ClientNode client, Random random) {
    boolean isNew = client.client().status().databaseId() == null;
    List<ScopeSpec> wanted = client.client().scopes().stream().map(Scope::spec).toList();
    client.scopes(isNew || random.nextBoolean() ? wanted : null);
    switch (random.nextInt(3)) {
      case 0 -> client.stop();
      case 1 -> client.crash();
      default -> client.powerLoss();
    }
    client.start();
  }

  private static void scopes(SyncClient client, Random random) {
    // Nobody waits for these: a crash may come first.
    switch (random.nextInt(3)) {
      case 0 -> client.addScope(SCOPES.get(random.nextInt(SCOPES.size())));
      case 1 -> client.removeScope(SCOPES.get(random.nextInt(SCOPES.size())).name());
      default -> client.scopes(SCOPES.stream().filter(scope -> random.nextBoolean()).toList());
    }
  }

  private static void write(SyncClient client, Random random) {
    try {
      client.transact(forms(random));
    } catch (TransactionException e) {
      // On its part of the database a form may not apply; nothing was stored then.
      assertThat(e.code()).isNotNull();
    }
  }

  private static void heal(World world, List<ClientNode> clients) {
    clients.forEach(client -> world.heal(client.name()));
    clients.forEach(client -> client.client().goOnline());
  }

  private static void check(World world, ClientNode client) throws Exception {
    Master master = world.server().master();
    List<Scope> wanted = client.client().scopes();
    // Who wrote what is not kept here; ids of own transactions are checked in simulations.
    assertThat(ScopeContents.compare(client.name(), client.client().confirmed(), wanted, ServerFacts.of(master),
        master.database(), id -> true)).isEmpty();
    assertThat(client.audit()).isEmpty();
    assertThat(client.client().status().pendingCount()).isZero();
    var verification = client.client().verify();
    assertThat(world.settle()).isTrue();
    assertThat(verification.isDone()).isTrue();
    assertThat(verification.get().isSame()).as("the digest of %s", client.name()).isTrue();
  }

  private static List<ScopeSpec> specs(Random random) {
    return SCOPES.stream().filter(scope -> random.nextBoolean()).map(Scope::spec).toList();
  }

  private static String forms(Random random) {
    String order = "{:order/number \"" + random.nextInt(9) + "\" :order/region :" + "abc".charAt(random.nextInt(3));
    return "[" + switch (random.nextInt(4)) {
      case 0 -> order + "}";
      case 1 -> order + " :order/quantity " + random.nextInt(9) + "}";
      case 2 -> order + " :order/lines [{:line/product \"p" + random.nextInt(3) + "\"}]}";
      default -> "{:order/number \"" + random.nextInt(9) + "\" :order/quantity " + random.nextInt(9) + "}";
    } + "]";
  }
}
