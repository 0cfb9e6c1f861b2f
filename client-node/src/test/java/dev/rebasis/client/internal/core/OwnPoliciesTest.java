package dev.rebasis.client.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Durability;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.fake.FakeEnvironment;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.client.internal.query.QueryExtensions;
import dev.rebasis.conflict.Policies;
import dev.rebasis.conflict.Rules;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Intent;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which of a client's own policies travel with a transaction: those of what it names, and all if a function may write anything. */
class OwnPoliciesTest {
  private static final Keyword N = Keyword.of(":n");
  private static final Keyword RAISE = Keyword.of(":dbase/raise");

  @Test
  void allTravelWithACallOfAFunctionWhateverItsName() {
    Rules rules = Rules.BUILT_IN.toBuilder().function(RAISE,
        (db, arguments) -> List.of(List.of(Keyword.of(":db/add"), arguments.get(0), N, 2L))).build();
    try (SyncClient client = ClientCore.open(
        new ClientConfig(StoreFiles.inMemory(), Durability.PROCESS_CRASH, Tuning.DEFAULT, QueryExtensions.NONE, rules,
            Map.of(N, Policies.counter())), new FakeEnvironment(null, Samples.ids()))) {
      client.transact("[{:db/ident :n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}"
          + " {:db/ident :m :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]");
      long e = client.transact("[{:db/id \"e\" :m 1}]").resolve("e");
      client.transact("[[:db/add " + e + " :n 1]]");
      client.transact("[[:dbase/raise " + e + "]]");
      List<Intent> made = client.pending().stream().map(one -> ((PendingHandle) one).intent()).toList();
      assertThat(made).extracting(intent -> intent.terms().policies().containsKey(N)).endsWith(false, true, true);
    }
  }
}
