package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.data.Bytes;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityId;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.data.Symbol;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.TempId;
import dev.rebasis.data.Transaction;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.Intent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Goal: what stands around a decision (taking a transaction back, bringing a program's
 * data into the form that travels, giving up on code that takes too long) does what it says. Method: each kind of input
 * once, with the result written beside it.
 */
class SmallSpaceToolsTest {
  private static final Keyword PART = Keyword.of(":db.part/user");
  private static final Keyword TX = Keyword.of(":db.part/tx");

  @SuppressWarnings("unchecked")
  private static List<Object> list(String edn) {
    return (List<Object>) Edn.read(edn);
  }

  // ---- taking a transaction back ----

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', value = {
      "[[:db/add A :s/one 6]] | [[:db/add A :s/one 5]]",
      "[[:db/add B :s/one 6]] | [[:db/retract B :s/one 6]]",
      "[[:db/retract A :s/one 5]] | [[:db/add A :s/one 5]]",
      "[[:db/add A :s/many 3] [:db/retract A :s/many 1]] | [[:db/retract A :s/many 3] [:db/add A :s/many 1]]",
      "[[:db/add A :s/float 2.5]] | [[:db/add A :s/float #rebasis/float \"1.5\"]]",
      "[[:db/add \"datomic.tx\" :s/one 6] [:db/add A :s/many 3]] | [[:db/retract A :s/many 3]]",
      "[[:db/add \"datomic.tx\" :s/one 6]] | changed nothing.",
      "[[:db/add :s/one :db/index true]] | changed the schema, which is not taken back like this."})
  void aTransactionIsTakenBack(String forms, String inverse) {
    TestDatabase db = SmallSpace.database();
    Transaction transaction = committed(db, SmallSpace.named(forms.substring(1, forms.length() - 1), db));
    Inverse result = Inverse.of(transaction, db.now());
    if (!inverse.startsWith("[")) {
      assertThat(result.why()).isEqualTo(inverse);
      assertThat(result.forms()).isEmpty();
      return;
    }
    assertThat(result.why()).isNull();
    assertThat(result.forms()).containsExactlyInAnyOrderElementsOf(list(
        SmallSpace.named(inverse.substring(1, inverse.length() - 1), db)));
  }

  private static Transaction committed(TestDatabase db, String forms) {
    int before = db.history().size();
    db.remote(forms);
    long t = db.basisT();
    return new Transaction(t, List.copyOf(db.history().subList(before, db.history().size())));
  }

  @Test
  void whatTheServerAndDatomicWroteIsNotTakenBack() {
    TestDatabase db = new TestDatabase("""
        [{:db/ident :rebasis.tx/seq :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
         {:db/ident :x/a :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
         {:db/ident :bare :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
         {:db/ident :x/both :db/valueType :db.type/tuple :db/cardinality :db.cardinality/one :db/tupleAttrs [:x/a :bare]}]""");
    Transaction made = committed(db, "[{:db/ident :x/e :x/a 1 :bare 2}]");
    assertThat(Inverse.of(made, db.now()).why()).contains("schema");
    Datom installs = new Datom(0, SystemIds.DB_INSTALL_ATTRIBUTE, 72L, made.tx(), true);
    assertThat(Inverse.of(new Transaction(made.t(), List.of(installs)), db.now()).why()).contains("schema");
    long e = db.now().schema().entid(Keyword.of(":x/e"));
    Transaction changed = committed(db, "[[:db/add " + e + " :x/a 3] [:db/add " + e + " :bare 4]]");
    List<Datom> datoms = new ArrayList<>(changed.datoms());
    long unknown = db.now().schema().entid(Keyword.of(":db/fn"));
    datoms.add(new Datom(e, db.now().schema().attribute(Keyword.of(":rebasis.tx/seq")).id(), 1L, changed.tx(), true));
    datoms.add(new Datom(e, unknown, "code", changed.tx(), true));
    datoms.add(new Datom(e, unknown, "code", changed.tx(), false));
    Inverse inverse = Inverse.of(new Transaction(changed.t(), datoms), db.now());
    assertThat(inverse.forms()).containsExactly(
        List.of(Vocabulary.ADD, e, Keyword.of(":x/a"), 1L), List.of(Vocabulary.ADD, e, Keyword.of(":bare"), 2L));
  }

  // ---- data of programs ----

  @Test
  void dataOfAnyKindTravelsInNormalForm() {
    Object plain = PlainData.of(Arrays.asList(1, (short) 2, 3L, "s", null, 'c', Symbol.of("x"), Keyword.of(":k"), 1.5,
        new Date(0), new byte[] {1}, EntityId.of(7), LookupRef.of(":a/b", 5), new Object[] {1},
        Map.of("k", Set.of(1))), "form");
    assertThat(plain).isEqualTo(Arrays.asList(1L, 2L, 3L, "s", null, 'c', Symbol.of("x"), Keyword.of(":k"), 1.5,
        Instant.EPOCH, Bytes.of((byte) 1), 7L, List.of(Keyword.of(":a/b"), 5L), List.of(1L), Map.of("k", Set.of(1L))));
    assertThatThrownBy(() -> PlainData.of(new StringBuilder(), "form")).isInstanceOf(Unfit.class)
        .hasMessageContaining("java.lang.StringBuilder");
    assertThat(PlainData.of(nested(100), "form")).isEqualTo(nested(100));
    assertThatThrownBy(() -> PlainData.of(nested(101), "form")).isInstanceOf(Unfit.class).hasMessageContaining("nested");
  }

  private static Object nested(int depth) {
    Object at = 1L;
    for (int i = 0; i < depth; i++) {
      at = List.of(at);
    }
    return at;
  }

  @Test
  void inputsOfPremisesNameEntitiesThatAreNotConfirmedYet() {
    List<Object> plain = PremiseInputs.plain(Arrays.asList(EntityId.of(-5), EntityId.of(9), -5, null));
    Keyword id = Keyword.of(":db/id");
    assertThat(plain).isEqualTo(Arrays.asList(List.of(id, -5L), List.of(id, 9L), -5L, null));
    assertThat(PremiseInputs.resolved(plain, local -> 50)).isEqualTo(Arrays.asList(50L, 9L, -5L, null));
    List<Object> alike = List.of(List.of(id), List.of(1L, 2L), List.of(id, "x"), "x");
    assertThat(PremiseInputs.resolved(alike, local -> 50)).isEqualTo(alike);
  }

  @Test
  void authorsGiveFormsAsJavaData() {
    TestDatabase db = SmallSpace.database();
    long a = db.entity(":s/key", "A");
    long[] next = {0};
    TempId unnamed = TempId.of(PART);
    Object[] forms = {
        new Object[] {":db/add", EntityId.of(a), ":s/one", 6},
        List.of(":db/retractEntity", LookupRef.of(":s/key", "B")),
        Map.of(":db/id", (int) 17, ":s/part", new Object[] {Map.of(":s/one", (short) 1)}),
        Map.of(":db/id", "t", ":s/_to", a),
        List.of(":f/it", LookupRef.of(":s/key", "B"), new Object[] {1}, TempId.of(PART, -1), TempId.of(TX)),
        new Object[] {":db/add", TempId.of(PART, -1), ":s/to", unnamed},
        new Object[] {":db/add", unnamed, ":s/to", TempId.of(TX)},
        new Object[] {":db/add", TempId.of(PART), ":s/one", 1}};
    List<Object> completed = IntentBuilder.complete(forms, db.now().schema(), () -> ++next[0]).forms();
    assertThat(completed).isEqualTo(List.of(
        List.of(Vocabulary.ADD, a, Keyword.of(":s/one"), 6L),
        List.of(Vocabulary.RETRACT_ENTITY, List.of(Keyword.of(":s/key"), "B")),
        Map.of(Vocabulary.ID, 17L, Keyword.of(":s/part"), List.of(Map.of(Vocabulary.ID, -2L, Keyword.of(":s/one"), 1L))),
        Map.of(Vocabulary.ID, "t", Keyword.of(":s/_to"), a),
        List.of(Keyword.of(":f/it"), List.of(Keyword.of(":s/key"), "B"), List.of(1L), "db.part/user -1", "datomic.tx"),
        List.of(Vocabulary.ADD, "db.part/user -1", Keyword.of(":s/to"), -5L),
        List.of(Vocabulary.ADD, -5L, Keyword.of(":s/to"), "datomic.tx"),
        List.of(Vocabulary.ADD, -6L, Keyword.of(":s/one"), 1L)));
    assertThatThrownBy(() -> IntentBuilder.complete(
        List.of(List.of(":f/it", TempId.of(PART))), db.now().schema(), () -> ++next[0]))
        .isInstanceOf(TransactionException.class).hasMessageContaining("needs a number");
  }

  @Test
  void mapsThatAreNestedTooDeepAreRefusedOnBothSides() {
    TestDatabase db = SmallSpace.database();
    Keyword part = Keyword.of(":s/part");
    for (int depth : List.of(100, 101)) {
      Object nested = Map.of(Vocabulary.ID, 17L, Keyword.of(":s/one"), 1L);
      for (int i = 0; i < depth; i++) {
        nested = Map.of(Vocabulary.ID, 17L, part, List.of(nested));
      }
      List<Object> forms = List.of(nested);
      Decision decision = Decider.decide(new Intent(new UUID(0, 1), 1, db.basisT(),
          Instant.EPOCH, forms, Map.of("datomic.tx", 1L)), db.now(), RemoteChanges.NONE, id -> id);
      assertThat(decision.kind().isCommitted()).isEqualTo(depth == 100);
      if (depth == 101) {
        assertThatThrownBy(() -> IntentBuilder.complete(forms, db.now().schema(), () -> 1))
            .isInstanceOf(TransactionException.class).hasMessageContaining("nested");
      }
    }
  }

  @Test
  void valuesInMessagesAreCutAndAnythingCanBeShown() {
    assertThat(Text.of("x".repeat(198))).hasSize(200);
    assertThat(Text.of("x".repeat(199))).hasSize(201).endsWith("…");
    assertThat(Text.of(new StringBuilder("any"))).isEqualTo("any");
    assertThat(Text.of(List.of(new StringBuilder("any")))).startsWith("List");
    assertThat(Text.of(Map.of("k", new StringBuilder("any")))).startsWith("Map");
  }

  // ---- code that takes too long ----

  @Test
  void whatTakesTooLongIsGivenUpAndAfterThreeTimesNotCalledAgain() {
    List<Runnable> tasks = new ArrayList<>();
    List<String> givenUp = new ArrayList<>();
    TimeLimit limit = new TimeLimit(tasks::add, Duration.ofMillis(1), givenUp::add);
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> limit.call("slow", () -> 1)).isInstanceOf(IllegalStateException.class)
          .hasMessage("it took more than 1 ms");
    }
    assertThatThrownBy(() -> limit.call("slow", () -> 1)).hasMessage("it took more than 1 ms 3 times and is not called any more");
    assertThat(tasks).hasSize(3);
    assertThat(givenUp).as("told once").containsExactly("slow");
    assertThatThrownBy(() -> limit.call("other", () -> 1)).hasMessage("it took more than 1 ms");
  }

  @Test
  void whatAGuardedCallThrowsComesThrough() {
    Executor here = Runnable::run;
    TimeLimit limit = new TimeLimit(here, Duration.ofSeconds(5));
    assertThat(limit.<Integer>call("it", () -> 7)).isEqualTo(7);
    IllegalArgumentException thrown = new IllegalArgumentException("no");
    assertThatThrownBy(() -> limit.call("it", () -> {
      throw thrown;
    })).isSameAs(thrown);
    AssertionError error = new AssertionError("no");
    assertThatThrownBy(() -> limit.call("it", () -> {
      throw error;
    })).isSameAs(error);
    assertThatThrownBy(() -> limit.call("it", () -> SmallSpaceToolsTest.<RuntimeException, Integer>sneaky(new Exception("checked"))))
        .isInstanceOf(IllegalStateException.class).hasRootCauseMessage("checked");
  }

  @SuppressWarnings("unchecked")
  private static <E extends Exception, T> T sneaky(Exception thrown) throws E {
    throw (E) thrown;
  }

  @Test
  void whoIsInterruptedWhileWaitingGivesUpAndStaysInterrupted() {
    TimeLimit limit = new TimeLimit(task -> { }, Duration.ofSeconds(5));
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> limit.call("it", () -> 7)).hasMessageContaining("interrupted");
    assertThat(Thread.interrupted()).isTrue();
  }

  // ---- remote changes and footprints ----

  @Test
  void aLocalEntityHasNoHistory() {
    TestDatabase db = SmallSpace.database();
    long one = db.now().schema().attribute(Keyword.of(":s/one")).id();
    RemoteChanges changes = db.remote(0);
    assertThat(changes.isEmpty()).isFalse();
    assertThat(changes.of(-5)).isEmpty();
    assertThat(changes.of(-5, one)).isEmpty();
    assertThat(changes.baseValues(-5, one)).isEmpty();
    RemoteChanges none = db.remote(db.basisT());
    long a = db.entity(":s/key", "A");
    for (RemoteChanges empty : List.of(none, RemoteChanges.NONE)) {
      assertThat(empty.isEmpty()).isTrue();
      assertThat(empty.of(a)).isEmpty();
      assertThat(empty.of(a, one)).isEmpty();
      assertThat(empty.ofValue(one, 5L)).isEmpty();
    }
    assertThatThrownBy(() -> RemoteChanges.NONE.baseValues(a, one)).isInstanceOf(IllegalStateException.class);
    assertThat(none.baseValues(a, one)).containsExactly(5L);
  }

  @Test
  void aDatomFallsUnderEachOfItsPatterns() {
    List<FootprintKey> keys = new ArrayList<>();
    Footprint.patternsOf(new Datom(1, 2, 3L, 4, true), false, keys::add);
    List<FootprintKey> expected = List.of(new FootprintKey.EntityAttribute(1, 2), new FootprintKey.Entity(1),
        new FootprintKey.AttributeOnly(2), new FootprintKey.AttributeValue(2, 3L));
    assertThat(keys).isEqualTo(expected);
    keys.clear();
    Footprint.patternsOf(new Datom(1, 2, 3L, 4, true), true, keys::add);
    assertThat(keys).hasSize(5).containsAll(expected).contains(new FootprintKey.Reference(3));
  }

  @Test
  void everyPolicyHasAName() {
    assertThat(List.of(Policies.lastWriterWins(), Policies.addWins(), Policies.firstWriterWins(), Policies.serverWins(),
        Policies.clientWins(), Policies.union(), Policies.removeWins(), Policies.park(), Policies.reject(), Policies.max(),
        Policies.min(), Policies.counter(), Policies.textMerge(), Policies.textMergeMarked()))
        .extracting(ref -> BuiltInPolicy.of(ref.name())).containsExactlyElementsOf(BuiltInPolicy.all());
    assertThat(Policies.custom(":shop/x", 3).version()).isEqualTo(3);
    assertThat(Collections.max(BuiltInPolicy.all().stream().map(Policy::toString).toList())).contains(":rebasis.policy/");
  }
}
