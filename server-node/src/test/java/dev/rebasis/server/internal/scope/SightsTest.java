package dev.rebasis.server.internal.scope;

import static org.assertj.core.api.Assertions.assertThat;

import datomic.Connection;
import datomic.Database;
import datomic.Peer;
import dev.rebasis.data.Bootstrap;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Transaction;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.ScopeSpec;
import dev.rebasis.server.internal.master.DatomicFactView;
import dev.rebasis.server.internal.master.DatomicValues;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.Test;

/**
 * Goal: what a user sees is told rightly whenever the user pushes: often, seldom, first, or after more transactions than are kept.
 * Method: a random history, and after some of its transactions the comparison with an evaluation from scratch.
 */
class SightsTest {
  private static final int TRANSACTIONS = 2_500;
  private static final String SCHEMA = "[{:db/ident :order/owner :db/valueType :db.type/string :db/cardinality :db.cardinality/one}"
      + "{:db/ident :order/customer :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}]";

  private Schema schema = Bootstrap.schema();

  private static PartRule rule(String owner) {
    return new PartRule(null, List.of(new Sight(new ScopeSpec("own", Edn.read(
        "[:find ?o :in $ ?u :where [?c :order/owner ?u] [?o :order/customer ?c]]"), List.of(owner), null), null, null)), Set.of());
  }

  private Transaction transact(Connection connection, String forms) throws Exception {
    Map<?, ?> report = connection.transact((List<?>) DatomicValues.toDatomic(Edn.read(forms))).get();
    Set<Datom> datoms = new LinkedHashSet<>();
    for (Object datom : (Iterable<?>) report.get(Connection.TX_DATA)) {
      datoms.add(DatomicFactView.translate((datomic.Datom) datom));
    }
    schema = schema.with(datoms);
    return new Transaction(((Database) report.get(Connection.DB_AFTER)).basisT(), List.copyOf(datoms));
  }

  @Test
  void aSightThatIsBroughtUpToDateLate_isWhatIsEvaluatedFromScratch() throws Exception {
    Random random = new Random(4);
    String uri = "datomic:mem://sights-" + UUID.randomUUID();
    Peer.createDatabase(uri);
    Connection connection = Peer.connect(uri);
    Sights sights = new Sights(() -> schema, QueryTime.ENDLESS);
    transact(connection, SCHEMA);
    List<Long> entities = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      Transaction made = transact(connection, "[{:order/owner \"u" + i % 4 + "\"}]");
      made.datoms().stream().map(Datom::e).filter(e -> e != made.tx()).forEach(entities::add);
    }
    int checks = 0;
    for (int i = 0; i < TRANSACTIONS; i++) {
      long e = entities.get(random.nextInt(entities.size()));
      Transaction transaction = transact(connection, random.nextInt(3) == 0
          ? "[[:db/add " + e + " :order/owner \"u" + random.nextInt(4) + "\"]]"
          : "[[:db/add " + e + " :order/customer " + entities.get(random.nextInt(entities.size())) + "]]");
      Database now = connection.db();
      sights.committed(transaction, now);
      // The first user pushes all the time, the last one twice in all.
      for (int user = 0; user < 4; user++) {
        if (i % List.of(3, 50, 700, 1_900).get(user) == 1) {
          PartRule rule = rule("u" + user);
          LongPredicate seen = sights.of(rule, now, now.basisT());
          ScopeState scratch = new ScopeState(rule, now, now.basisT(), () -> schema);
          for (long one : entities) {
            assertThat(seen.test(one)).as("u%d and %d after %d", user, one, i).isEqualTo(scratch.members().contains(one));
          }
          checks++;
        }
      }
    }
    assertThat(checks).isGreaterThan(800);
    connection.release();
  }
}
