package dev.rebasis.server.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.digest.Digest;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import dev.rebasis.executor.InlineExecutor;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.ScopeSpec;
import dev.rebasis.server.internal.master.EmbeddedMaster;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.master.MasterSetup;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Goal: a write concerns those in whose scope it is, and costs the others nothing. Method: many sessions in many scopes over one
 * database; each write is sent to the sessions of its own scope and to no other. With
 * {@code -Drebasis.scopes.many=200} it is the crowd of 200 scopes and 2,000 sessions, and the time for each write is printed.
 */
class ManyScopesTest {
  private static final int SCOPES = Integer.getInteger("rebasis.scopes.many", 12);
  private static final int SESSIONS_A_SCOPE = 10;
  private static final int ORDERS_A_SCOPE = 100;
  private static final int WRITES = 100;

  private final InlineExecutor inline = new InlineExecutor();

  @Test
  void aWriteReachesItsOwnScopeOnly() {
    try (EmbeddedMaster master = EmbeddedMaster.open(new MasterSetup(null, "memory",
        Clock.fixed(Instant.parse("2001-01-01T00:00:00Z"), ZoneOffset.UTC), () -> new UUID(7, 7), inline, inline,
        e -> { throw e; }, (done, total) -> { }))) {
      ServerMachine machine = new ServerMachine(master, SessionLimits.DEFAULT);
      transact(master, """
          [{:db/ident :order/number :db/valueType :db.type/long :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
           {:db/ident :order/region :db/valueType :db.type/long :db/cardinality :db.cardinality/one :db/index true}
           {:db/ident :order/quantity :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]""");
      for (int scope = 0; scope < SCOPES; scope++) {
        StringBuilder forms = new StringBuilder("[");
        for (int i = 0; i < ORDERS_A_SCOPE; i++) {
          forms.append("{:order/number ").append(scope * ORDERS_A_SCOPE + i).append(" :order/region ").append(scope)
              .append(" :order/quantity 1}");
        }
        transact(master, forms.append("]").toString());
      }
      List<VirtualClient> clients = new ArrayList<>();
      for (int i = 0; i < SCOPES * SESSIONS_A_SCOPE; i++) {
        VirtualClient client = VirtualClient.connect(machine, i + 1);
        List<ScopeSpec> scopes = List.of(new ScopeSpec("region",
            Edn.read("[:find ?o :in $ ?r :where [?o :order/region ?r]]"), List.of((long) (i % SCOPES)), null));
        inline.execute(() -> client.session.received(new Message.Hello(
            ProtocolVersion.CURRENT, Set.of("part"), client.store, 0, null, 0, 100_000_000, null, scopes, scopes)));
        clients.add(client);
      }
      assertThat(machine.parts().size()).isEqualTo(SCOPES);
      // The first comparison reads the part; from then on the digest is kept current.
      inline.execute(() -> machine.tick(Instant.EPOCH));
      clients.forEach(client -> inline.execute(() -> client.session.received(
          new Message.Verify(1, master.forcedT(), new Digest().attributes()))));
      assertThat(clients).allMatch(client -> client.last(Message.Verified.class).known());
      long[] nanos = new long[WRITES];
      for (int write = 0; write < WRITES; write++) {
        int scope = write % SCOPES;
        int[] before = clients.stream().mapToInt(client -> client.frames.size()).toArray();
        long begin = System.nanoTime();
        transact(master, "[{:order/number " + (scope * ORDERS_A_SCOPE + write % ORDERS_A_SCOPE) + " :order/region "
            + scope + " :order/quantity " + (write + 2) + "}]");
        nanos[write] = System.nanoTime() - begin;
        for (int i = 0; i < clients.size(); i++) {
          assertThat(clients.get(i).frames.size() - before[i]).isEqualTo(i % SCOPES == scope ? 1 : 0);
        }
      }
      Arrays.sort(nanos);
      System.out.printf("%d scopes, %d sessions: a write takes %.2f ms at the median, %.2f ms at the 99th percentile%n", SCOPES,
          clients.size(), nanos[WRITES / 2] / 1e6, nanos[WRITES * 99 / 100] / 1e6);
    }
  }

  private void transact(EmbeddedMaster master, String forms) {
    inline.execute(() -> master.transact((List<?>) Edn.read(forms), new Master.Answer<>() {
      @Override
      public void done(Master.Transacted transacted) {
        assertThat(transacted.transaction().datoms()).isNotEmpty();
      }

      @Override
      public void refused(RebasisException reason) {
        throw reason;
      }
    }));
  }
}
