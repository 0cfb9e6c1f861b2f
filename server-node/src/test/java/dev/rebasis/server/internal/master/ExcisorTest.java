package dev.rebasis.server.internal.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import datomic.Peer;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.RebasisException;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Goal: an excision of a part of unique composite tuples never makes two entities one, nor half a log. Method: two whose tuples
 * differ in one part only, made in one transaction or in two; a master's log, and what is written of it.
 */
class ExcisorTest {
  private static final String SCHEMA = """
      [{:db/ident :p/name :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :p/org :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :p/key :db/valueType :db.type/tuple :db/tupleAttrs [:p/name :p/org]
        :db/cardinality :db.cardinality/one :db/unique %s}]""";

  @TempDir private Path folder;

  private long excise(MasterLog target) {
    try (MasterLog source = MasterLog.open(path(), "log")) {
      return Excisor.run(source, "log", target, new UUID(3, 3));
    }
  }

  private String path() {
    return folder.resolve("log").toString();
  }

  /** Makes Ann and Bob, both of Y, and asks for all names to be excised. */
  private long[] ask(MasterFixture f, String unique, boolean atOnce) {
    f.transact(SCHEMA.formatted(unique));
    String ann = "{:db/id \"a\" :p/name \"Ann\" :p/org \"Y\"}";
    String bob = "{:db/id \"b\" :p/name \"Bob\" :p/org \"Y\"}";
    long[] made;
    if (atOnce) {
      Master.Transacted both = f.transact("[" + ann + bob + "]");
      made = new long[] {both.tempids().get("a"), both.tempids().get("b"), both.transaction().t()};
    } else {
      long a = f.transact("[" + ann + "]").tempids().get("a");
      Master.Transacted second = f.transact("[" + bob + "]");
      made = new long[] {a, second.tempids().get("b"), second.transaction().t()};
    }
    f.transact("[{:db/excise :p/name}]");
    return made;
  }

  @ParameterizedTest
  @CsvSource({":db.unique/identity, true", ":db.unique/identity, false", ":db.unique/value, true", ":db.unique/value, false"})
  void twoThatWouldHaveTheSameUniqueTupleStayUntilOneOfThemGoesToo(String unique, boolean atOnce) {
    MasterFixture.TestClock clock = new MasterFixture.TestClock();
    long[] made;
    try (MasterFixture f = MasterFixture.in(folder, clock)) {
      made = ask(f, unique, atOnce);
    }
    try (MasterLog target = MasterLog.open(folder.resolve("refused").toString(), "new")) {
      assertThatThrownBy(() -> excise(target)).isInstanceOfSatisfying(RebasisException.class, e -> {
        assertThat(e.code()).isEqualTo(Keyword.of(":rebasis.error/cannot-excise"));
        assertThat(e.data()).containsEntry(Keyword.of(":t"), made[2]);
        assertThat(e.getMessage()).contains("Nothing was changed", Long.toString(made[0]), Long.toString(made[1]));
      });
    }
    try (MasterFixture f = MasterFixture.in(folder, clock)) {
      assertThat(f.master.database().entity(made[0]).get(":p/name")).as("as it was").isEqualTo("Ann");
      f.transact("[{:db/excise " + made[0] + "}]");
    }
    try (MasterLog target = MasterLog.open(folder.resolve("after").toString(), "new")) {
      assertThat(excise(target)).as("Ann's three facts, Bob's name and his tuple with it").isEqualTo(5);
      try (MemoryDatabase fresh = new MemoryDatabase()) {
        target.read(Long.MAX_VALUE, row -> fresh.commit(row.readForms("new"), row.txInstant()));
        assertThat(Peer.query("[:find ?v :where [?e :p/key ?v]]", fresh.now()).toString()).isEqualTo("[[[nil \"Y\"]]]");
        assertThat(fresh.now().entity(made[1]).get(":p/org")).isEqualTo("Y");
        assertThat(String.valueOf(fresh.now().entity(made[0]).keySet())).as("only the mark").isEqualTo("#{\":rebasis/excised\"}");
        assertThat(Peer.query("[:find ?v :where [_ :p/name ?v]]", fresh.now().history()).toString()).isEqualTo("[]");
      }
    }
  }
}
