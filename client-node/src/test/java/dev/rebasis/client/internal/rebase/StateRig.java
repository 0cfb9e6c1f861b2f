package dev.rebasis.client.internal.rebase;

import dev.rebasis.client.Durability;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.fake.FakeServer;
import dev.rebasis.client.internal.index.DatomIndex;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.MadeIds;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.client.internal.query.QueryEngine;
import dev.rebasis.conflict.IntentBuilder;
import dev.rebasis.conflict.Rules;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Terms;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;

/** A real optimistic state over a fake server and real stores in memory, with two entities A and B confirmed. */
abstract class StateRig {
  private static final String SCHEMA = """
      [{:db/ident :k :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
       {:db/ident :n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :m :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :ref :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}]""";

  final FakeServer server = new FakeServer();
  private final ClientLog log = ClientLog.open(StoreFiles.inMemory(), Durability.PROCESS_CRASH, Samples.ids());
  final DatomIndex index = DatomIndex.open(StoreFiles.inMemory(), log);
  final OptimisticState state;
  private long nextSeq = 1;
  private long nextLocal = 1;

  StateRig() {
    server.transact(SCHEMA);
    server.transact("[{:k \"A\" :n 1 :m 1} {:k \"B\" :n 1}]");
    index.apply(server.after(0));
    state = new OptimisticState(index.snapshot(), MadeIds.NONE, 1,
        Decide.by(Rules.builder().leavesUnknownToServer().build()), new QueryEngine());
  }

  @AfterEach
  void close() {
    index.close();
    log.close();
    server.close();
  }

  /** Transacts and hands out the next sequence number. */
  PendingTransaction make(String edn, Terms terms) {
    IntentBuilder.Completed completed =
        IntentBuilder.complete(Edn.read(edn), state.optimistic().schema(), () -> nextLocal++);
    PendingTransaction pending = state.transact(new Intent(new UUID(1, nextSeq), nextSeq,
        state.confirmed().basisT(), Samples.EPOCH.plusSeconds(nextSeq), completed.forms(), completed.tempids(), terms));
    nextSeq++;
    return pending;
  }
}
