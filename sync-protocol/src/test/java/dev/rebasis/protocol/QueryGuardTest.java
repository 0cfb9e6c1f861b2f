package dev.rebasis.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.edn.Edn;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Goal: a stranger's query calls nothing but what is listed. Method: each place where something can be called, and what says why. */
class QueryGuardTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', value = {
      "[:find ?n . :where [?e :i/price ?n]]",
      "[:find (sum ?n) (count ?e) :where [?e :i/price ?n]]",
      "[:find (pull ?e [:i/key (limit :i/parts 3)]) :where [?e :i/price ?n] [(< 5 ?n)] [(+ ?n 1) ?m] (not [?e :i/key \"A\"])]",
      "[:find ?n . :in $ ?k :where (or-join [?n] [?e :i/price ?n] (and [_ :i/stock ?n] [$ ?e :i/key ?k]))]",
      "{:find [?n .] :where [[?e :i/price ?n] [(get-else $ ?e :i/stock 0) ?s]]}",
      "[:i/price {:i/parts [* :i/key]}]"})
  void whatOnlyReadsAndComparesIsAnswered(String query) {
    assertThat(QueryGuard.faultOfPremise(Edn.read(query), List.of())).isNull();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', value = {
      "[:find ?x . :where [(java.lang.System/exit 1) ?x]] | may not call java.lang.System/exit.",
      "[:find ?x . :where [(clojure.core/slurp \"f\") ?x]] | may not call clojure.core/slurp.",
      "[:find ?x . :where [(slurp \"f\") ?x]] | may not call slurp.",
      "[:find ?x . :where [(.getClass \"f\") ?x]] | may not call .getClass.",
      "[:find ?x . :where [(identity (eval 1)) ?x]] | may not call eval.",
      "[:find (my/aggregate ?n) . :where [?e :i/price ?n]] | may not call my/aggregate.",
      "[:find ?x . :where [?e :i/price ?x] (not [(eval ?x)])] | may not call eval.",
      "[:find ?x . :where (or [?e :i/price ?x] (and [(load-file \"f\") ?x]))] | may not call load-file.",
      "{:find [?x .] :where [[(eval 1) ?x]]} | may not call eval.",
      "[:find ?x . :in $ % :where (rule ?x)] | may not",
      "[:find ?x . :in $ ?r % :where [?e :i/price ?x]] | may not use rules.",
      "[:find (pull ?e [(:i/price :xform my/f)]) . :where [?e :i/price _]] | may not use :xform.",
      "[(:i/price :xform my/f)] | may not use :xform.",
      "[[:i/price :xform my/f]] | may not use :xform."})
  void whatCallsAnythingElseIsNot(String query, String why) {
    assertThat(QueryGuard.faultOfPremise(Edn.read(query), List.of())).startsWith("The query of a premise ").contains(why);
  }

  @Test
  void inputsAndDepthAreLookedAtToo() {
    Object call = Edn.read("[[(eval 1) ?x]]");
    assertThat(QueryGuard.faultOfPremise(Edn.read("[:find ?x . :in $ ?y :where [?e :a ?x]]"), List.of(call)))
        .contains("may not call eval");
    String deep = "[".repeat(60) + "]".repeat(60);
    assertThat(QueryGuard.faultOfPremise(Edn.read(deep), List.of())).contains("nested too deep");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', value = {
      "[:find ?t . :where [?e :i/price _ ?t]]",
      "[:find ?e :where [$ ?e :i/price _ _ true]]",
      "{:find [?t .] :where [[?e :i/price] [?e :i/price 5 ?t]]}",
      "[:find ?e :where [?e :i/price] (not-join [?e] [?e :i/note _ 13194139534316])]",
      "[:find ?e :where [?e :i/price] ($ not [?e :i/note _ ?t])]",
      "[:find ?e :where (or [?e :i/price] (and [?e :i/note] [[:i/key \"A\"] :i/price _ ?t]))]",
      "[:find (max ?i) . :where [_ :db/txInstant ?i]]"})
  void aPremiseIsNotAboutTransactions(String query) {
    assertThat(QueryGuard.faultOfPremise(Edn.read(query), List.of())).contains("which transaction wrote").endsWith("Ask for the values.");
    assertThat(QueryGuard.fault(Edn.read(query), "a request")).isNull();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', value = {
      "[:find ?a ?b ?c ?d :where [?e :i/pair ?t] [(untuple ?t) [?a ?b ?c ?d]]]",
      "[:find ?e :where [?e :i/price _ _ _]]",
      "[:find ?a :where (or-join [?a ?b ?c ?d] [?a ?b ?c] [?a ?b ?d])]",
      "[:find ?e :in $ [[?a ?b ?c ?d]] :where [?e ?a ?b]]"})
  void whatOnlyLooksLikeATransactionsPlaceIsAnswered(String query) {
    assertThat(QueryGuard.faultOfPremise(Edn.read(query), List.of())).isNull();
  }
}
