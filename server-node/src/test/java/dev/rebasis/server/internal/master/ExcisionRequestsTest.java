package dev.rebasis.server.internal.master;

import static org.assertj.core.api.Assertions.assertThat;

import datomic.Database;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Goal: the look every ten seconds costs nothing while nothing is asked for. Method: a database that notes which index is read for
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
}
