package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.data.EntityId;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.data.TempId;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: whatever a transaction function does ends in a decision, and what it reads is what is there. Method: functions
 * that go wrong in each way there is, and each question to a {@link DatabaseView} about each kind of name for an entity.
 */
class SmallSpaceFunctionsTest {
  private static final Keyword F = Keyword.of(":f/it");
  private static final Keyword ONE = Keyword.of(":s/one");

  private final TestDatabase db = SmallSpace.database();
  private final long a = db.entity(":s/key", "A");
  private final long b = db.entity(":s/key", "B");

  private Decision calling(TransactionFunction function) {
    db.rules(Rules.builder().function(F, function).build());
    return db.decide("[[:f/it A 1]]");
  }

  private static List<Object> add(Object e, Object attribute, Object v) {
    return List.of(Vocabulary.ADD, e, attribute, v);
  }

  static Stream<Arguments> failing() {
    return Stream.of(
        failing(":rebasis.error/function-failed", "it returned null", (db, args) -> null),
        failing(":rebasis.error/function-failed", "no stock", (db, args) -> {
          throw new IllegalStateException("no stock");
        }),
        failing(":rebasis.error/function-failed", "ArithmeticException", (db, args) -> {
          throw new ArithmeticException();
        }),
        failing(":rebasis.error/function-failed", "StackOverflowError", (db, args) -> deep()),
        failing(":rebasis.error/function-failed", "one of its forms is faulty", (db, args) -> List.of(List.of())),
        failing(":db.error/nil-value", "one of its forms is faulty",
            (db, args) -> List.of(Arrays.asList(Vocabulary.ADD, "t", ONE, null))),
        failing(":shop/refused", "closed", (db, args) -> {
          throw new TransactionException(Keyword.of(":shop/refused"), "closed", Map.of());
        }),
        failing(":rebasis.error/function-failed", "closed", (db, args) -> {
          throw new TransactionException(Keyword.of(":rebasis.error/closed"), "closed", Map.of());
        }),
        failing(":rebasis.error/function-failed", "closed", (db, args) -> {
          throw new TransactionException(Keyword.of(":bare"), "closed", Map.of());
        }),
        failing(":rebasis.error/function-failed", "more than 20 deep", (db, args) -> List.of(List.of(F))),
        failing(":rebasis.error/function-failed", "more than 100000 forms",
            (db, args) -> Collections.nCopies(100_001, add("t", ONE, 1L))),
        failing(":rebasis.error/function-failed", "too many entities",
            (db, args) -> List.of(Map.of(Keyword.of(":s/part"), Collections.nCopies(140_000, Map.of(ONE, 1L))))));
  }

  private static Arguments failing(String code, String part, TransactionFunction function) {
    return Arguments.of(code, part, function);
  }

  private static List<?> deep() {
    return deep();
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("failing")
  void whateverGoesWrongInAFunctionRejects(String code, String part, TransactionFunction function) {
    Decision decision = calling(function);
    assertThat(decision.kind()).isEqualTo(OutcomeKind.REJECTED);
    assertThat(decision.reason().message()).contains(part);
    assertThat(decision.reason().code()).isEqualTo(Keyword.of(code));
    assertThat(decision.datoms()).isEmpty();
  }

  static Stream<Error> errors() {
    return Stream.of(new Error("not an exception"), new OutOfMemoryError("no memory"), new LinkageError("no class"),
        new AssertionError("not so"));
  }

  @ParameterizedTest
  @MethodSource("errors")
  void anErrorSaysThatTheCodeIsBrokenAndParks(Error error) {
    Decision decision = calling((view, args) -> {
      throw error;
    });
    assertThat(decision.kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(decision.reason().code()).isEqualTo(Codes.FUNCTION_FAILED);
    assertThat(decision.reason().message()).contains(error.toString());
    recorded(decision);
  }

  private static void recorded(Decision decision) {
    assertThat(decision.conflicts()).singleElement().satisfies(conflict -> {
      assertThat(conflict.kind()).isEqualTo(ConflictKinds.FUNCTION_FAILED);
      assertThat(conflict.attribute()).isNull();
      assertThat((String) conflict.local().get(0)).startsWith("[:f/it ");
      assertThat(conflict.remoteTx()).isZero();
    });
  }

  @Test
  void whatWasGivenUpParksToo() {
    Decision decision = calling((view, args) -> {
      throw new Guard.GivenUp("it took more than 2000 ms", null);
    });
    assertThat(decision.kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(decision.reason().code()).isEqualTo(Codes.FUNCTION_FAILED);
    assertThat(decision.reason().message()).endsWith("it took more than 2000 ms.");
    recorded(decision);
  }

  @Test
  void whatAFunctionGivesIsLookedAtWhileItIsGuarded() {
    List<Object> lazy = new AbstractList<>() {
      @Override
      public Object get(int index) {
        throw new UnsupportedOperationException("not yet");
      }

      @Override
      public int size() {
        return 1;
      }
    };
    assertThat(calling((view, args) -> lazy).reason().message()).contains("not yet");
    assertThat(calling((view, args) -> List.of(lazy)).reason().message()).contains("not yet");
    assertThat(calling((view, args) -> List.of(Map.of(ONE, Set.of(lazy)))).reason().message()).contains("not yet");
    RuntimeException wordless = new RuntimeException() {
      @Override
      public String getMessage() {
        throw new IllegalStateException("no words");
      }
    };
    Decision decision = calling((view, args) -> {
      throw wordless;
    });
    assertThat(decision.kind()).isEqualTo(OutcomeKind.REJECTED);
    assertThat(decision.reason().message()).contains("whose text cannot be had");
  }

  private Decision callingTwice(TransactionFunction function) {
    db.rules(Rules.builder().function(F, function).callsTwice().build());
    return db.decide("[[:f/it A 1]]");
  }

  @Test
  void aFunctionThatAnswersDifferentlyEachTimeParks() {
    int[] calls = {0};
    Decision decision = callingTwice((view, args) -> List.of(add(a, ONE, ++calls[0])));
    assertThat(decision.kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(decision.reason().message()).contains("differently each time");
    assertThat(calling((view, args) -> List.of(add(a, ONE, ++calls[0]))).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(calls[0]).isEqualTo(3);
    assertThat(callingTwice((view, args) -> ++calls[0] % 2 == 0 ? List.of(add(a, ONE, 1)) : List.of()).kind())
        .isEqualTo(OutcomeKind.PARKED);
    assertThat(callingTwice((view, args) -> List.of(Map.of(ONE, ++calls[0]))).kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(callingTwice((view, args) -> List.of(Map.of(++calls[0] % 2 == 0 ? ONE : Keyword.of(":s/code"), 8L))).kind())
        .isEqualTo(OutcomeKind.PARKED);
  }

  @Test
  void tempidsWithoutANumberMayBeOthersEachTime() {
    Keyword user = Keyword.of(":db.part/user");
    assertThat(callingTwice((view, args) -> {
      TempId one = TempId.of(user);
      return List.of(add(one, ONE, 1L), new Object[] {Vocabulary.ADD, one, Keyword.of(":s/to"), TempId.of(user, -1)},
          add(TempId.of(user, -1), ONE, 2L));
    }).reason()).isNull();
    TempId kept = TempId.of(user);
    int[] calls = {0};
    assertThat(callingTwice((view, args) -> List.of(add(kept, ONE, 1L),
        add(++calls[0] % 2 == 0 ? kept : TempId.of(user), Keyword.of(":s/many"), 1L))).kind())
        .isEqualTo(OutcomeKind.PARKED);
    assertThat(callingTwice((view, args) -> List.of(
        add(++calls[0] % 2 == 0 ? TempId.of(user, -1) : TempId.of(user), ONE, 1L))).kind())
        .isEqualTo(OutcomeKind.PARKED);
    assertThat(GivenForms.same(List.of(new byte[] {1}), List.of(new byte[] {1}))).isTrue();
    assertThat(GivenForms.same(List.of(new byte[] {1}), List.of("x"))).isFalse();
    assertThat(GivenForms.same(List.of(List.of()), List.of("x"))).isFalse();
    assertThat(GivenForms.same(List.of(Map.of()), List.of("x"))).isFalse();
    assertThat(GivenForms.same(List.of(Map.of("a", 1)), List.of(Map.of("a", 1)))).isTrue();
    assertThat(GivenForms.same(List.of(Map.of("a", 1)), List.of(Map.of("a", 2)))).isFalse();
    assertThat(GivenForms.same(List.of(Map.of("a", 1)), List.of(Map.of("b", 1)))).isFalse();
    assertThat(GivenForms.same(List.of(kept), List.of("x"))).isFalse();
  }

  @Test
  void aFunctionThatFailsTwiceLeavesTheNextCallItsDepth() {
    Decision decision = calling((view, args) -> args.isEmpty() ? null : List.of(List.of(F)));
    assertThat(decision.reason().message()).contains("it returned null");
    db.rules(Rules.builder().function(F, (view, args) -> null)
        .function(Keyword.of(":f/put"), (view, args) -> List.of(add(a, ONE, 6L))).build());
    List<Object> forms = new ArrayList<>(Collections.nCopies(25, List.of(F)));
    forms.add(List.of(Keyword.of(":f/put")));
    Intent intent = db.intent("[]", db.basisT());
    Decision all = db.decide(new Intent(intent.id(), 1, db.basisT(), intent.madeAt(), forms, intent.tempids()));
    assertThat(all.reason().data().get(Keyword.of(":problems"))).asList().hasSize(25);
  }

  @Test
  void functionsCallEachOtherAndShareTempids() {
    db.rules(Rules.builder()
        .function(F, (view, args) -> List.of(List.of(Keyword.of(":f/other"), "t"), add("t", ONE, 1L)))
        .function(Keyword.of(":f/other"), (view, args) -> List.of(add(args.get(0), ":s/many", 2), Map.of(ONE, 3)))
        .build());
    Intent intent = db.intent("[[:f/it] [:db/add \"t\" :s/to " + a + "] [:db/add " + b + " :s/to \"t\"]]", db.basisT());
    Decision decision = db.decide(intent);
    assertThat(decision.reason()).isNull();
    long t = decision.tempids().get("t");
    assertThat(t).isEqualTo(-intent.tempids().get("t"));
    assertThat(decision.numbers()).hasSize(3);
    assertThat(db.shown(decision)).contains(List.of(t, ":s/one", 1L, true), List.of(t, ":s/many", 2L, true),
        List.of(t, ":s/to", a, true), List.of(b, ":s/to", t, true));
  }

  @Test
  void aFunctionThatIsNotKnownIsRefusedOnTheServerAndLeftToItOnAClient() {
    db.rules(Rules.BUILT_IN);
    assertThat(db.decide("[[:f/it A 1]]").reason().code()).isEqualTo(Codes.NOT_A_DATA_FUNCTION);
    db.rules(Rules.builder().leavesUnknownToServer().build());
    Decision decision = db.decide("[[:f/it A 1]]");
    assertThat(decision.kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(decision.datoms()).isEmpty();
  }

  @Test
  void theDatabaseAnswersAboutEveryKindOfName() {
    List<Object> names = List.of(a, EntityId.of(a), LookupRef.of(":s/key", "A"), List.of(Keyword.of(":s/key"), "A"));
    Decision decision = calling((view, args) -> {
      for (Object name : names) {
        assertThat(view.entid(name)).isEqualTo(a);
        assertThat(view.value(name, ":s/one")).isEqualTo(5L);
        assertThat(view.value(name, ONE)).isEqualTo(5L);
        assertThat(view.values(name, ":s/many")).containsExactly(1L, 2L);
        assertThat(view.values(name, ONE)).containsExactly(5L);
        assertThat(view.referring(":s/to", name)).containsExactly(b);
        assertThat(view.entity(name)).containsEntry(Keyword.of(":s/many"), List.of(1L, 2L)).containsKey(ONE);
      }
      assertThat(view.entid(10)).isEqualTo(10L);
      assertThat(view.entid((short) 10)).isEqualTo(10L);
      assertThat(view.entid(Keyword.of(":db/ident"))).isEqualTo(10L);
      assertThat(view.entid(":db/ident")).isEqualTo(10L);
      assertThat(view.value(b, Keyword.of(":s/text"))).isNull();
      assertThat(view.holder(":s/code", 1L)).isEqualTo(a);
      assertThat(view.holder(":s/code", 9L)).isNull();
      assertThat(view.datoms(IndexOrder.EAVT, a, view.schema().attribute(ONE).id())).hasSize(1);
      return List.of();
    });
    assertThat(decision.reason()).isNull();
  }

  @Test
  void theDatabaseKnowsWhatIsNotThere() {
    List<Object> nobody = List.of(List.of(Keyword.of(":s/key"), "nobody"), Keyword.of(":s/nothing"),
        LookupRef.of(":s/key", "nobody"), ":s/nothing");
    Decision decision = calling((view, args) -> {
      for (Object name : nobody) {
        assertThat(view.entid(name)).isNull();
        assertThat(view.value(name, ONE)).isNull();
        assertThat(view.values(name, ONE)).isEmpty();
        assertThat(view.referring(":s/to", name)).isEmpty();
        assertThat(view.entity(name)).isEmpty();
      }
      for (Object wrong : Arrays.asList("tempid", 1.5, List.of(1), Map.of(), List.of(ONE, 5L))) {
        assertThatThrownBy(() -> view.entid(wrong)).isInstanceOf(IllegalArgumentException.class);
      }
      assertThatThrownBy(() -> view.value(a, ":s/nothing")).isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(":s/nothing");
      return List.of();
    });
    assertThat(decision.reason()).isNull();
  }

  @Test
  void whatAFunctionReadsIsInTheFootprint() {
    long one = db.now().schema().attribute(ONE).id();
    Decision decision = calling((view, args) -> {
      view.value(a, ONE);
      view.entity(b);
      view.datoms(IndexOrder.AEVT, one);
      view.datoms(IndexOrder.AEVT, one, b);
      view.datoms(IndexOrder.AVET, db.now().schema().attribute(Keyword.of(":s/code")).id());
      view.holder(":s/code", 2L);
      view.referring(":s/to", a);
      view.datoms(IndexOrder.VAET, a);
      return List.of();
    });
    long code = db.now().schema().attribute(Keyword.of(":s/code")).id();
    assertThat(decision.footprint().reads()).contains(new FootprintKey.EntityAttribute(a, one),
        new FootprintKey.Entity(b), new FootprintKey.AttributeOnly(one), new FootprintKey.EntityAttribute(b, one),
        new FootprintKey.AttributeOnly(code), new FootprintKey.AttributeValue(code, 2L), new FootprintKey.Reference(a));
    assertThat(decision.needs()).containsAll(decision.footprint().reads());
  }

  /** What a function computes from what the others left has met nothing; what it says blindly has. */
  @ParameterizedTest
  @MethodSource("sights")
  void aFunctionThatReadsThePlaceMeetsNothingThere(boolean informed, TransactionFunction function) {
    db.rules(Rules.builder().function(F, function).build());
    db.remote("[[:db/add :s/one :rebasis/policy :rebasis.policy/counter]]");
    Intent intent = db.intent("[[:f/it " + a + "]]", db.basisT());
    db.remote("[[:db/add " + a + " :s/one 7]]");
    Decision decision = db.own(intent);
    assertThat(decision.kind()).isEqualTo(informed ? OutcomeKind.ACCEPTED : OutcomeKind.MERGED);
    // Blindly 8: the author's 5 became 8 here and 7 there, which is 10. In sight: 7 and 2.
    assertThat(db.values(a, ":s/one")).containsExactly(informed ? 9L : 10L);
  }

  static Stream<Arguments> sights() {
    TransactionFunction raise = (db, args) ->
        List.of(add(args.get(0), ONE, (Long) db.value(args.get(0), ONE) + 2));
    TransactionFunction whole = (db, args) ->
        List.of(add(args.get(0), ONE, (Long) db.entity(args.get(0)).get(ONE).get(0) + 2));
    TransactionFunction other = (db, args) -> {
      db.value(args.get(0), ":s/text");
      return List.of(add(args.get(0), ONE, 8L));
    };
    TransactionFunction datomics = (db, args) -> {
      db.readsByOtherMeans();
      return List.of(add(args.get(0), ONE, 9L));
    };
    return Stream.of(Arguments.of(true, datomics), Arguments.of(true, raise), Arguments.of(true, whole), Arguments.of(false, other));
  }
}
