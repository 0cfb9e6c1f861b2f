package dev.rebasis.server.internal.master;

import static org.assertj.core.api.Assertions.assertThat;

import datomic.Database;
import dev.rebasis.protocol.OutcomeKind;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Goal: the look every ten seconds costs nothing while nothing is asked for, and little while something is. Method: a database that notes which index is read for
 * which attribute.
 */
class ExcisionRequestsTest {
  private static Database noting(Database database, List<String> reads) {
    return (Database) Proxy.newProxyInstance(ExcisionRequestsTest.class.getClassLoader(), new Class<?>[] {Database.class},
        (proxy, method, args) -> {
          if (method.getName().equals("datoms")) {
            reads.add(Arrays.toString((Object[]) args[1]));
          }
          try {
            return method.invoke(database, args);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }

  @Test
  void recordsAreLookedThroughOnlyIfSomethingIsAskedFor() {
    try (MasterFixture one = MasterFixture.inMemory()) {
      one.transact(MasterFixture.SCHEMA);
      long entity = one.transact("[{:db/id \"x\" :order/number \"A\"}]").tempids().get("x");
      List<String> reads = new ArrayList<>();
      assertThat(new ExcisionRequests(noting(one.master.database(), reads), one.master.schema()).isEmpty()).isTrue();
      assertThat(reads).containsExactly("[:db/excise]");

      one.transact("[{:db/excise " + entity + "}]");
      assertThat(new ExcisionRequests(noting(one.master.database(), reads), one.master.schema()).isEmpty()).isFalse();
      assertThat(reads).contains("[:rebasis.conflict/entity]");
    }
  }

  @Test
  void whileTheSameIsAskedForOnlyNewRecordsAreLookedThrough() {
    try (MasterFixture one = MasterFixture.inMemory()) {
      one.transact(MasterFixture.SCHEMA);
      long entity = one.transact("[{:db/id \"x\" :order/number \"A\" :order/note \"secret\"}]").tempids().get("x");
      park(one, "secret");
      one.transact("[{:db/excise " + entity + " :db.excise/attrs [:order/note]}]");
      ExcisedWords words = new ExcisedWords();
      ExcisionRequests first = new ExcisionRequests(one.master.database(), one.master.schema(), words);
      assertThat(records(first, one)).as("what was parked").hasSize(1);
      long seen = one.master.forcedT();
      park(one, "secret again");
      park(one, "harmless");
      List<String> reads = new ArrayList<>();
      ExcisionRequests second = first.later(noting(one.master.database(), reads), one.master.schema(), words, (attribute, each) ->
          one.master.transactionsAfter(seen, Integer.MAX_VALUE).forEach(transaction -> transaction.datoms().stream()
              .filter(datom -> datom.a() == one.master.schema().entid(attribute)).forEach(each)));
      assertThat(records(second, one)).as("and what was parked since").hasSize(2).containsAll(records(first, one));
      assertThat(reads).as("no record of before").doesNotContain("[:rebasis.conflict/entity]", "[:rebasis.tx/forms]",
          "[:rebasis.tx/message]", "[:rebasis.tx/conflicts]");

      one.transact("[{:db/excise :order/number}]");
      second.later(noting(one.master.database(), reads), one.master.schema(), words, (attribute, each) -> { });
      assertThat(reads).as("something else is asked for").contains("[:rebasis.tx/forms]");
    }
  }

  /** Has the server keep forms with this text: they stand on an entity that is gone. */
  private static void park(MasterFixture one, String text) {
    long gone = one.transact("[{:db/id \"g\" :order/number \"" + text + "\"}]").tempids().get("g");
    long basisT = one.master.forcedT();
    one.transact("[[:db/retractEntity " + gone + "]]");
    assertThat(one.push(one.client(1), one.intent(basisT, "[[:db/add " + gone + " :order/note \"" + text + "\"]]")).only().kind())
        .isEqualTo(OutcomeKind.PARKED);
  }

  private static Set<Long> records(ExcisionRequests requests, MasterFixture one) {
    Set<Long> found = new HashSet<>();
    requests.recordsLeft(one.master.database(), fact -> found.add(fact.tx()));
    return found;
  }
}
