package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.data.Bytes;
import dev.rebasis.data.EntityId;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.TransactionException;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IntentBuilderTest {
  private final TestDatabase db = new TestDatabase("""
      [{:db/ident :o/number :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :o/count :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :o/weight :db/valueType :db.type/float :db/cardinality :db.cardinality/one}
       {:db/ident :o/at :db/valueType :db.type/instant :db/cardinality :db.cardinality/one}
       {:db/ident :o/blob :db/valueType :db.type/bytes :db/cardinality :db.cardinality/one}
       {:db/ident :o/kind :db/valueType :db.type/keyword :db/cardinality :db.cardinality/one}
       {:db/ident :o/tags :db/valueType :db.type/string :db/cardinality :db.cardinality/many}
       {:db/ident :o/customer :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :o/items :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}]""");
  private long next = 10;

  @Test
  void mapsGetLocalIdsAndTempidsGetNumbersOnce() {
    IntentBuilder.Completed completed = complete(Edn.read(
        "[{:o/number \"1\" :o/items [{:o/count 1} {:db/id \"i\" :o/count 2}] :o/customer \"c\"}"
            + " [:db/add \"c\" :o/number \"2\"] [:db/add \"i\" :o/_none 1]]".replace(":o/_none 1", ":o/count 2")));
    assertThat(completed.tempids()).containsExactly(
        Map.entry("datomic.tx", 10L), Map.entry("#11", 11L), Map.entry("#12", 12L), Map.entry("i", 13L),
        Map.entry("c", 14L));
    assertThat(completed.forms()).isEqualTo(Edn.read(
        "[{:db/id -11 :o/number \"1\" :o/items [{:db/id -12 :o/count 1} {:db/id \"i\" :o/count 2}] :o/customer \"c\"}"
            + " [:db/add \"c\" :o/number \"2\"] [:db/add \"i\" :o/count 2]]"));
  }

  @Test
  void javaDataBecomesPlainData() {
    Map<Object, Object> map = new LinkedHashMap<>();
    map.put(":db/id", EntityId.of(-3));
    map.put(":o/count", 5);
    map.put(":o/weight", 1.5);
    map.put(":o/at", new Date(7));
    map.put(":o/blob", new byte[] {1});
    map.put(":o/kind", ":kind/big");
    map.put(":o/tags", new String[] {"x", "y"});
    map.put(":o/customer", LookupRef.of(":o/number", "1"));
    Object[] forms = {map, new Object[] {":db/add", LookupRef.of(":o/number", "2"), ":o/count", (short) 6}};
    assertThat(complete(forms).forms()).containsExactly(
        Map.of(k(":db/id"), -3L, k(":o/count"), 5L, k(":o/weight"), 1.5f, k(":o/at"), Instant.ofEpochMilli(7),
            k(":o/blob"), Bytes.of((byte) 1), k(":o/kind"), k(":kind/big"), k(":o/tags"), List.of("x", "y"),
            k(":o/customer"), List.of(k(":o/number"), "1")),
        List.of(k(":db/add"), List.of(k(":o/number"), "2"), k(":o/count"), 6L));
  }

  @Test
  void whatIsCompletedCanBeCompletedAgain() {
    List<Object> forms = complete(Edn.read("[{:o/number \"1\" :o/tags #{\"x\"} :o/count #{1} :o/items {:o/count 1}}"
        + " [:db/cas [:o/number \"1\"] :o/count nil 2] [:db/retract 5 :o/tags] [:db/retractEntity :db/doc]]")).forms();
    assertThat(complete(forms).forms()).isEqualTo(forms);
    assertThat(Edn.read(Edn.write(forms))).isEqualTo(forms);
  }

  @Test
  void theResultCannotBeChanged() {
    IntentBuilder.Completed completed = complete(Edn.read("[{:o/tags [\"x\"]}]"));
    Map<?, ?> map = (Map<?, ?>) completed.forms().get(0);
    assertThatThrownBy(map::clear).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(((List<?>) map.get(k(":o/tags")))::clear).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(completed.tempids()::clear).isInstanceOf(UnsupportedOperationException.class);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "[:db/add \"x\" :o/none 1] | :db.error/not-an-entity | :o/none",
      "[:db/add \"x\" :db/doc] | :rebasis.error/malformed-form | [:db/add entity attribute value]",
      "[:db/add \"x\" :o/count \"five\"] | :db.error/wrong-type-for-attribute | not a valid long for attribute :o/count",
      "[:db/add \"x\" :o/count nil] | :db.error/nil-value | retract it",
      "[:db/add \"x\" :db.part/db 1] | :db.error/not-an-attribute | :db.part/db",
      "[:db/add [:o/count 1] :o/count 1] | :db.error/lookup-ref-attr-not-unique | :o/count",
      "[:db/add [:o/number] :o/count 1] | :db.error/invalid-lookup-ref | two elements",
      "[:db/add true :o/count 1] | :db.error/not-an-entity | true",
      "{:o/customer {:o/count 1}} | :db.error/invalid-nested-entity | :o/customer",
      "{:o/number 7} | :db.error/wrong-type-for-attribute | :o/number",
      "{\"o/number\" \"7\"} | :db.error/not-a-keyword | leading colon",
      "[:db/cas \"x\" :o/tags nil \"t\"] | :db.error/invalid-cas-many | :o/tags",
      "[:db/cas \"x\" :o/count 1 nil] | :db.error/invalid-cas | retract",
      "[:db/function 1] | :db.error/not-a-data-function | :db/function",
      "[:db/add \"#1\" :o/count 1] | :rebasis.error/malformed-form | reserved",
      "[] | :rebasis.error/malformed-form | begins with an operation",
      "5 | :db.error/not-transaction-data | 5"})
  void faultsAreNamedWithFormAndWayOut(String form, String code, String part) {
    assertThatExceptionOfType(TransactionException.class)
        .isThrownBy(() -> complete(Edn.read("[" + form + "]")))
        .satisfies(e -> assertThat(e.code()).isEqualTo(k(code)))
        .withMessageContaining(part);
  }

  @Test
  void allFaultsAreReportedAtOnce() {
    assertThatExceptionOfType(TransactionException.class)
        .isThrownBy(() -> complete(Edn.read("[{:o/none 1} {:o/count \"x\"} [:db/add 1 :o/count true]]")))
        .satisfies(e -> assertThat((List<?>) e.data().get(k(":problems"))).hasSize(3))
        .withMessageEndingWith("There are 2 more problems.");
  }

  @Test
  void anythingButAListOfFormsIsRefused() {
    for (Object wrong : List.of("text", 5L, Map.of())) {
      assertThatExceptionOfType(TransactionException.class).isThrownBy(() -> complete(wrong))
          .satisfies(e -> assertThat(e.code()).isEqualTo(Codes.NOT_TRANSACTION_DATA));
    }
    assertThat(complete(Set.of()).forms()).isEmpty();
  }

  private IntentBuilder.Completed complete(Object forms) {
    return IntentBuilder.complete(forms, db.now().schema(), () -> next++);
  }

  private static Keyword k(String text) {
    return Keyword.of(text);
  }
}
