package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.EntityId;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.data.Schema;
import dev.rebasis.edn.Edn;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Goal: of an intent just that goes which names certain entities: a number is one of them only where an entity stands.
 * Method: the local ids -5 and -6 are cut out of each kind of form in each position; the result stands beside it, and
 * {@code same} means that nothing goes.
 */
class SmallSpaceIntentCutTest {
  private static final Schema SCHEMA = new TestDatabase("""
      [{:db/ident :c/n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :c/ns :db/valueType :db.type/long :db/cardinality :db.cardinality/many}
       {:db/ident :c/code :db/valueType :db.type/long :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
       {:db/ident :c/to :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :c/refs :db/valueType :db.type/ref :db/cardinality :db.cardinality/many}
       {:db/ident :c/owner :db/valueType :db.type/ref :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
       {:db/ident :c/pair :db/valueType :db.type/tuple :db/cardinality :db.cardinality/one :db/tupleType :db.type/long}
       {:db/ident :c/refPair :db/valueType :db.type/tuple :db/cardinality :db.cardinality/one :db/tupleType :db.type/ref}
       {:db/ident :c/link :db/valueType :db.type/tuple :db/cardinality :db.cardinality/one
        :db/tupleTypes [:db.type/long :db.type/ref]}
       {:db/ident :c/links :db/valueType :db.type/tuple :db/cardinality :db.cardinality/many
        :db/tupleTypes [:db.type/long :db.type/ref]}
       {:db/ident :c/both :db/valueType :db.type/tuple :db/cardinality :db.cardinality/one :db/tupleAttrs [:c/to :c/n]}]""")
      .now().schema();

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', value = {
      "[[:db/add -5 :c/n 1] [:db/add -7 :c/n 1]] | [[:db/add -7 :c/n 1]]",
      "[[\":db/add\" -5 \":c/n\" 1]] | []",
      "[[:db/add -7 :c/n -5]] | same",
      "[[:db/add -7 :c/to -6]] | []",
      "[[:db/add -7 \":c/to\" -6]] | []",
      "[[:db/add -7 :c/to \"x\"]] | same",
      "[[:db/add -7 :c/to [:c/owner -5]]] | []",
      "[[:db/add -7 :c/to [:c/code -5]]] | same",
      "[[:db/add [:c/owner -5] :c/n 1]] | []",
      "[[:db/add [:c/code -5] :c/n 1]] | same",
      "[[:db/add [:c/none -5] :c/n 1]] | same",
      "[[:db/add [:c/owner -5 -6] :c/n 1]] | same",
      "[[:db/add -7 :c/none -5]] | same",
      "[[:db/add -7 -5 1]] | []",
      "[[:db/add -7 :c/pair [-5 1]]] | same",
      "[[:db/add -7 :c/pair -5]] | same",
      "[[:db/add -7 :c/refPair [-7 -8 -5]]] | []",
      "[[:db/add -7 :c/link [-5 -7]]] | same",
      "[[:db/add -7 :c/link [-7 -5]]] | []",
      "[[:db/add -7 :c/both [-5 1]]] | same",
      "[[:db/retract -5 :c/n]] | []",
      "[[:db/retract -7 :c/n] [:db/retract -7 :c/n -5]] | same",
      "[[:db/retract -7 :c/to -5]] | []",
      "[[:db/retractEntity -5] [:db/retractEntity -7]] | [[:db/retractEntity -7]]",
      "[[:db/cas -7 :c/n -5 -6]] | same",
      "[[:db/cas -7 :c/to -5 -8]] | []",
      "[[:db/cas -7 :c/to -8 -5]] | []",
      "[[:f/it -5 {:x -6}]] | same",
      "[[] [:db/add] [5 -5] 5] | same",
      "[{:db/id -5 :c/n 1}] | []",
      "[{\":db/id\" -5 :c/n 1}] | []",
      "[[:db/add -7 \"n\" -5]] | same",
      "[{:db/id [:c/owner -5] :c/n 1}] | []",
      "[{:db/id -7 :c/to -5}] | []",
      "[{:db/id -7 :c/to -5 :c/n -5}] | [{:db/id -7 :c/n -5}]",
      "[{\":db/id\" -7 :c/to -5 :c/none -5}] | [{\":db/id\" -7 :c/none -5}]",
      "[{:db/id -7 :c/refs [-8 -5 -6 [:c/owner -5]]}] | [{:db/id -7 :c/refs [-8]}]",
      "[{:db/id -7 :c/refs [-5] :c/ns [-5 -6]}] | [{:db/id -7 :c/ns [-5 -6]}]",
      "[{:db/id -7 :c/refs #{-6 8} :c/ns []}] | [{:db/id -7 :c/refs #{8} :c/ns []}]",
      "[{:db/id -7 :c/links [[-5 -7] [1 -5]]}] | [{:db/id -7 :c/links [[-5 -7]]}]",
      "[{:db/id -7 :c/to {:db/id -5 :c/n 1}}] | []",
      "[{:db/id -7 :c/to {:db/id -8 :c/to -5 :c/n 1}}] | [{:db/id -7 :c/to {:db/id -8 :c/n 1}}]",
      "[{:db/id -7 :c/n {:db/id -5 :c/n 1}}] | same",
      "[{:db/id -7 :c/_to -5 :c/_refs -8}] | [{:db/id -7 :c/_refs -8}]",
      "[{:db/id -7 -5 1 :c/n 2}] | [{:db/id -7 :c/n 2}]"})
  void whatNamesAnEntityIsCutOut(String forms, String rest) {
    List<Object> expected = list(rest.equals("same") ? forms : rest);
    assertThat(IntentCut.without(list(forms), Set.of(-5L, -6L), SCHEMA)).isEqualTo(expected);
  }

  @Test
  void anEntityMayStandAsDataOfAProgramAndAnAttributeAsItsId() {
    long to = SCHEMA.entid(Keyword.of(":c/to"));
    Keyword add = Keyword.of(":db/add");
    List<Object> forms = List.of(
        List.of(add, EntityId.of(-5), to, 1L), List.of(add, -7L, to, -5), List.of(add, -7L, to, EntityId.of(-8)),
        List.of(add, LookupRef.of(":c/owner", -5L), to, 1L), List.of(add, LookupRef.of(":c/code", -5L), to, 1L));
    assertThat(IntentCut.without(forms, Set.of(-5L), SCHEMA)).containsExactly(forms.get(2), forms.get(4));
  }

  @SuppressWarnings("unchecked")
  private static List<Object> list(String edn) {
    return (List<Object>) Edn.read(edn);
  }

  @Test
  void onlyTempidsThatTheFormsNameAreKept() {
    Map<String, Long> tempids = Map.of("datomic.tx", 1L, "a", 2L, "b", 3L, "c", 4L, "#5", 5L, "#6", 6L);
    List<Object> forms = list("[[:db/add \"a\" :x/y 1] {:db/id -5 :x/y {:db/id \"b\"}}]");
    assertThat(IntentCut.mentioned(tempids, forms)).containsOnlyKeys("datomic.tx", "a", "b", "#5");
  }
}
