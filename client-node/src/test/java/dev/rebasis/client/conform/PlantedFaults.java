package dev.rebasis.client.conform;

import dev.rebasis.client.conform.Side.Outcome;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Faults that a client could have, of every kind that {@link ConformanceTest} must notice: those of transactions, and all. */
final class PlantedFaults {
  private final FaultList faults;

  private PlantedFaults(FaultList faults) {
    this.faults = faults;
  }

  /** All, by what is wrong. */
  static Map<String, Fault> all() {
    FaultList faults = new FaultList();
    PlantedFaults own = new PlantedFaults(faults);
    own.transactions();
    own.codes();
    own.codesBesideOthers();
    PlantedQueryFaults.addTo(faults);
    PlantedReadFaults.addTo(faults);
    return faults.all();
  }

  private void transactions() {
    faults.forms("a retraction without value does nothing", forms -> without(forms,
        form -> Rewriting.begins(form, ":db/retract") && ((List<?>) form).size() == 3));
    faults.forms("compare-and-set does not compare", forms -> (List<?>) Rewriting.everywhere(forms, form ->
        Rewriting.begins(form, ":db/cas", ":db.fn/cas") && ((List<?>) form).size() == 5 ? added((List<?>) form) : form));
    faults.forms("a map with a known key means a new entity", forms -> (List<?>) Rewriting.everywhere(forms, form ->
        form instanceof Map<?, ?> map && !map.containsKey(Keyword.of(":db/id")) && map.size() > 1
            ? Case.without(map, Keyword.of(GeneratedSchema.KEY)) : form));
    faults.forms("backward attributes are passed over", forms -> (List<?>) Rewriting.everywhere(forms, form ->
        form instanceof Map<?, ?> map ? withoutKeys(map, key -> key instanceof Keyword k && k.name().startsWith("_")) : form));
    faults.forms("facts about the transaction are lost", forms -> without(forms,
        form -> form instanceof List<?> list && list.size() > 1 && list.get(1).equals("datomic.tx")));
    faults.forms("a retracted entity stays", forms -> without(forms,
        form -> Rewriting.begins(form, ":db/retractEntity", ":db.fn/retractEntity")));
    faults.outcome("a retracted entity leaves what it refers to and what refers to it", (forms, outcome) -> {
      Set<Long> gone = new HashSet<>();
      outcome.datoms().stream().filter(datom -> !datom.added()).forEach(datom -> gone.add(datom.e()));
      return datoms(outcome, datom -> datom.added() || !gone.contains(datom.v()));
    });
    faults.outcome("a value that is replaced is not retracted", (forms, outcome) -> datoms(outcome, datom -> datom.added()
        || outcome.datoms().stream().noneMatch(one -> one.added() && one.e() == datom.e() && one.a() == datom.a())));
    faults.outcome("tuples are lost", (forms, outcome) -> datoms(outcome, datom -> !(datom.v() instanceof List)));
    faults.outcome("two tempids are mixed up", (forms, outcome) -> {
      List<String> names = outcome.tempids().keySet().stream().filter(name -> name.startsWith("t")).sorted().toList();
      if (names.size() < 2) {
        return outcome;
      }
      Map<String, Long> mixed = new HashMap<>(outcome.tempids());
      mixed.put(names.get(0), outcome.tempids().get(names.get(1)));
      mixed.put(names.get(1), outcome.tempids().get(names.get(0)));
      return new Outcome(null, null, outcome.datoms(), mixed);
    });
    faults.forms("an attribute cannot be renamed", forms -> without(forms, form -> form instanceof List<?> list && list.size() == 4
        && Keyword.of(":db/ident").equals(list.get(2))));
    faults.forms("attributes do not become many", forms -> Rewriting.renamed(forms, ":db.cardinality/many", ":db.cardinality/one"));
    for (String code : List.of("unique-conflict", "datoms-conflict", "cas-failed")) {
      faults.outcome(code + " is not noticed", (forms, outcome) -> Keyword.of(":db.error/" + code).equals(outcome.code())
          ? new Outcome(null, null, List.of(), Map.of()) : outcome);
    }
  }

  private void codes() {
    for (String code : List.of("unique-conflict", "datoms-conflict", "cas-failed", "not-an-entity", "not-an-attribute",
        "wrong-type-for-attribute", "tempid-not-an-entity", "invalid-nested-entity", "not-a-data-function", "nil-value",
        "lookup-ref-attr-not-unique", "invalid-alter-attribute", "not-transaction-data", "invalid-install-attribute")) {
      faults.outcome("another code in place of " + code, (forms, outcome) -> Keyword.of(":db.error/" + code).equals(outcome.code())
          ? new Outcome(Keyword.of(":db.error/entity-missing-db-id"), outcome.error(), List.of(), Map.of()) : outcome);
    }
  }

  /** Faults that are told apart when they stand alone and mixed up beside others: what may be told of several is not. */
  private void codesBesideOthers() {
    for (String code : List.of("unique-conflict", "datoms-conflict", "not-an-entity", "wrong-type-for-attribute")) {
      faults.outcome("another code in place of " + code + " if there are several forms", (forms, outcome) ->
          forms.size() > 1 && Keyword.of(":db.error/" + code).equals(outcome.code())
              ? new Outcome(Keyword.of(":db.error/nil-value"), outcome.error(), List.of(), Map.of()) : outcome);
    }
  }

  private static List<?> without(List<?> forms, Predicate<Object> dropped) {
    return forms.stream().filter(form -> !dropped.test(form)).toList();
  }

  private static List<Object> added(List<?> cas) {
    List<Object> form = new ArrayList<>(cas);
    form.set(0, Keyword.of(":db/add"));
    form.remove(3);
    return form;
  }

  static Map<Object, Object> withoutKeys(Map<?, ?> map, Predicate<Object> dropped) {
    Map<Object, Object> rest = new LinkedHashMap<>(map);
    rest.keySet().removeIf(dropped);
    return rest;
  }

  private static Outcome datoms(Outcome outcome, Predicate<Datom> kept) {
    return new Outcome(
        outcome.code(), outcome.error(), outcome.datoms().stream().filter(kept).toList(), outcome.tempids());
  }
}
