package dev.rebasis.server.internal.master;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Terms.Premise;
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
    assertThat(QueryGuard.fault(premise(query))).isNull();
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
    assertThat(QueryGuard.fault(premise(query))).startsWith("The query of a premise ").contains(why);
  }

  @Test
  void inputsAndDepthAreLookedAtToo() {
    Object call = Edn.read("[[(eval 1) ?x]]");
    assertThat(QueryGuard.fault(new Premise(Edn.read("[:find ?x . :in $ ?y :where [?e :a ?x]]"), List.of(call), "")))
        .contains("may not call eval");
    String deep = "[".repeat(60) + "]".repeat(60);
    assertThat(QueryGuard.fault(premise(deep))).contains("nested too deep");
  }

  private static Premise premise(String query) {
    return new Premise(Edn.read(query), List.of(), "");
  }
}
