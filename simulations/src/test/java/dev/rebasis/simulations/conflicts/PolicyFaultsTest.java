package dev.rebasis.simulations.conflicts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.conflict.CustomPolicy;
import dev.rebasis.conflict.Policies;
import dev.rebasis.conflict.Resolved;
import dev.rebasis.conflict.TransactionFunction;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.RebasisException;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.server.RebasisServer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: no policy or function of a program stops the sync, on the server or on a client. Method: real ones whose programs
 * throw what is no exception, never end, or answer differently each time; then the next transaction goes through.
 */
@Timeout(180)
class PolicyFaultsTest extends OneClientAndItsServer {
  private final AtomicReference<RebasisException> fatal = new AtomicReference<>();

  private RebasisServer.Builder newServer() {
    client.close();
    server.close();
    return RebasisServer.builder().inMemory().port(0).schema("test", SCHEMA.replace("\n[{:i/key", "\n\n[{:i/key"))
        .onFatal(fatal::set);
  }

  private void openAnother(CustomPolicy ofClient, TransactionFunction function) throws Exception {
    var builder = SyncClient.builder().store(folder.resolve("another")).server(server.uri()).tuning(FAST);
    if (ofClient != null) {
      builder.register(":shop/slow", 0, ofClient);
    }
    if (function != null) {
      builder.register(":shop/it", function);
    }
    client = builder.open();
    get(client.sync());
  }

  private static <T> T fail(String what) {
    throw switch (what) {
      case "error" -> new Error("an operation is not implemented");
      case "memory" -> new OutOfMemoryError("no memory for this policy");
      default -> new LinkageError("no such class");
    };
  }

  /** Another transaction is decided and seen, so that nothing has come to a stop. */
  private void theSyncGoesOn() throws Exception {
    Pending next = client.transact("[[:db/add [:i/key \"B\"] :i/price 21]]");
    assertThat(get(next.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    others("[[:db/add [:i/key \"B\"] :i/note \"seen\"]]");
    get(client.sync());
    assertThat(fatal.get()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"error", "memory", "linkage"})
  void whatAPolicyThrowsOnEitherSideParksTheTransactionWithIt(String what) throws Exception {
    server = newServer().register(":shop/slow", 0, meeting -> fail(what)).start();
    openAnother(meeting -> fail(what), null);
    client.goOffline();
    Pending edit = client.transact("[[:db/add " + A + " :i/custom 2]]");
    others("[[:db/add " + A + " :i/custom 3]]");
    reconnect();
    assertThat(get(edit.outcome()).kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(get(edit.outcome()).code()).isEqualTo(Keyword.of(":rebasis.error/policy-failed"));
    assertThat(get(edit.outcome()).message()).containsAnyOf("not implemented", "no memory", "no such class");
    assertThat(client.parked()).hasSize(1);
    theSyncGoesOn();
  }

  @ParameterizedTest
  @ValueSource(strings = {"error", "memory", "linkage"})
  void whatAFunctionThrowsOnTheServerParksTheTransactionWithIt(String what) throws Exception {
    server = newServer().register(":shop/slow", 0, meeting -> Resolved.value(1L))
        .register(":shop/it", (db, args) -> fail(what)).start();
    openAnother(null, null);
    Pending call = client.transact("[[:shop/it 1]]");
    assertThat(get(call.outcome()).kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(get(call.outcome()).code()).isEqualTo(Keyword.of(":rebasis.error/function-failed"));
    assertThat(get(call.outcome()).message()).containsAnyOf("not implemented", "no memory", "no such class");
    theSyncGoesOn();
  }

  @Test
  void whatAFunctionThrowsOnTheClientIsToldToItsAuthor() throws Exception {
    server = newServer().register(":shop/slow", 0, meeting -> Resolved.value(1L)).start();
    openAnother(null, (db, args) -> fail("memory"));
    assertThatThrownBy(() -> client.transact("[[:shop/it 1]]")).isInstanceOf(TransactionException.class)
        .hasMessageContaining("no memory");
    theSyncGoesOn();
  }

  @Test
  void whatNeverEndsOnAClientIsGivenUpAtTransactAndAtRebase() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    AtomicInteger entered = new AtomicInteger();
    server = newServer().register(":shop/slow", 0, meeting -> Resolved.value(77L)).start();
    openAnother(meeting -> {
      entered.incrementAndGet();
      await(never);
      return Resolved.value(1L);
    }, (db, args) -> {
      await(never);
      return List.of();
    });
    assertThatThrownBy(() -> client.transact("[[:shop/it 1]]")).as("at transact")
        .isInstanceOf(TransactionException.class).hasMessageContaining("2000 ms");
    client.goOffline();
    Pending edit = client.transact("[[:db/add " + A + " :i/custom 2]]");
    others("[[:db/add " + A + " :i/custom 3]]");
    reconnect();
    assertThat(get(edit.outcome()).kind()).as("the server's own policy decides").isEqualTo(OutcomeKind.MERGED);
    assertThat(value(":i/custom")).isEqualTo(77L);
    theSyncGoesOn();
    never.countDown();
  }

  @Test
  void aFunctionThatNeverEndsOnTheServerParksWhatAuthorsWrote() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    server = newServer().register(":shop/it", (db, args) -> {
      await(never);
      return List.of();
    }).start();
    openAnother(null, (db, args) -> List.of(List.of(Keyword.of(":db/add"), args.get(0), Keyword.of(":i/price"), 11L)));
    Pending call = client.transact("[[:shop/it " + A + "]]");
    assertThat(get(call.outcome()).kind()).as("a busy server is no reason to refuse it").isEqualTo(OutcomeKind.PARKED);
    assertThat(get(call.outcome()).message()).contains("2000 ms");
    assertThat(get(call.outcome()).conflicts()).singleElement()
        .satisfies(met -> assertThat(met.kind()).isEqualTo(Keyword.of(":rebasis.conflict/function-failed")));
    theSyncGoesOn();
    never.countDown();
  }

  private static void await(CountDownLatch never) {
    try {
      never.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void whatAnswersDifferentlyEachTimeIsFoundOnBothSidesIfWanted() throws Exception {
    AtomicInteger count = new AtomicInteger();
    TransactionFunction counting = (db, args) ->
        List.of(List.of(Keyword.of(":db/add"), args.get(0), Keyword.of(":i/price"), (long) count.incrementAndGet()));
    server = newServer().callsTwice().register(":shop/it", counting)
        .register(":shop/slow", 0, meeting -> Resolved.value((long) count.incrementAndGet())).start();
    openAnother(null, null);
    Pending call = client.transact("[[:shop/it " + A + "]]");
    assertThat(get(call.outcome()).message()).contains("differently each time");
    client.goOffline();
    Pending edit = client.transact("[[:db/add " + A + " :i/custom 2]]");
    others("[[:db/add " + A + " :i/custom 3]]");
    reconnect();
    assertThat(get(edit.outcome()).message()).contains("differently each time");
    try (SyncClient twice = SyncClient.builder().inMemory().server(server.uri()).tuning(FAST).callsTwice()
        .register(":shop/it", counting).open()) {
      get(twice.sync());
      assertThatThrownBy(() -> twice.transact("[[:shop/it " + A + "]]")).hasMessageContaining("differently each time");
    }
  }

  @Test
  void aListOfAllowedPoliciesIsKeptAndAMistypedNameIsRefused() throws Exception {
    RebasisServer.Builder mistyped = RebasisServer.builder().inMemory().port(0)
        .allowPolicies(Set.of(Keyword.of(":rebasis.policy/conter")));
    assertThatThrownBy(mistyped::start).isInstanceOf(RebasisException.class)
        .hasMessageContaining(":rebasis.policy/conter").hasMessageContaining(":rebasis.policy/counter");
    server = newServer().register(":shop/slow", 0, meeting -> Resolved.value(77L))
        .allowPolicies(Set.of(Policies.max().name(), Keyword.of(":shop/slow"))).start();
    client = SyncClient.builder().store(folder.resolve("another")).server(server.uri()).tuning(FAST)
        .policy(":i/price", Policies.max()).policy(":i/note", Policies.firstWriterWins()).open();
    get(client.sync());
    client.goOffline();
    Pending edit = client.transact("[[:db/add " + A + " :i/price 12] [:db/add " + A + " :i/note \"mine\"]]");
    others("[[:db/add " + A + " :i/price 11] [:db/add " + A + " :i/note \"theirs\"]]");
    reconnect();
    assertThat(get(edit.outcome()).conflicts()).extracting(conflict -> conflict.policy().name())
        .containsExactlyInAnyOrder("max", "last-writer-wins");
    assertThat(value(":i/note")).isEqualTo("mine");
  }
}
