package dev.rebasis.client.conform;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import dev.rebasis.edn.EdnList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Faults of pulls, entities, views and walks over indexes, see {@link PlantedFaults}. */
final class PlantedReadFaults {
  private final FaultList faults;

  private PlantedReadFaults(FaultList faults) {
    this.faults = faults;
  }

  static void addTo(FaultList faults) {
    PlantedReadFaults own = new PlantedReadFaults(faults);
    own.pulls();
    own.entities();
    own.views();
    own.walks();
  }

  private void pulls() {
    for (String option : List.of(":limit", ":default", ":as")) {
      faults.question(option + " of a pull is passed over", asked -> isPull(asked) ? Rewriting.withoutOption(asked, option) : asked);
    }
    faults.question("a wildcard of a pull is passed over", asked -> isPull(asked)
        ? Rewriting.without(asked, form -> Symbol.of("*").equals(form)) : asked);
    faults.question("recursion of a pull goes once only", asked -> isPull(asked) ? (List<?>) Rewriting.everywhere(asked, form ->
        form instanceof Map<?, ?> map ? once(map) : form) : asked);
    faults.question("backward attributes of a pull are forward ones", asked -> isPull(asked) ? (List<?>) Rewriting.everywhere(asked,
        form -> form instanceof Keyword k && k.name().startsWith("_") ? Keyword.of(k.toString().replace("/_", "/")) : form) : asked);
    faults.answer("a pull shows components as ids", (asked, answer) -> isPull(asked) ? Rewriting.everywhere(answer,
        form -> form instanceof Map<?, ?> map && map.size() > 1 && map.containsKey(Questions.ID)
            ? Map.of(Questions.ID, map.get(Questions.ID)) : form) : answer);
  }

  private static boolean isPull(List<?> asked) {
    return Rewriting.begins(asked, ":pull", ":pullMany");
  }

  private static Map<Object, Object> once(Map<?, ?> nested) {
    Map<Object, Object> map = new LinkedHashMap<>(nested);
    map.replaceAll((key, value) -> value instanceof Long || Symbol.of("...").equals(value) ? (Object) 1L : value);
    return map;
  }

  private void entities() {
    faults.answer("an entity has no backward attributes", (asked, answer) -> Rewriting.begins(asked, ":entity")
        && asked.get(asked.size() - 1) instanceof Keyword k && k.name().startsWith("_") ? null : answer);
    faults.answer("touch leaves components alone", (asked, answer) -> Rewriting.begins(asked, ":touch") && answer instanceof Map<?, ?> map
        ? shallow(map) : answer);
    faults.answer("an entity's key set lacks an attribute", (asked, answer) -> Rewriting.begins(asked, ":touch")
        && answer instanceof Map<?, ?> map ? PlantedFaults.withoutKeys(map, key -> Keyword.of(":d/s").equals(key)) : answer);
    faults.answer("an entity's several values are one", (asked, answer) -> Rewriting.begins(asked, ":entity")
        && answer instanceof Set<?> several && !several.isEmpty() ? several.iterator().next() : answer);
    faults.answer("a lookup ref is not resolved", (asked, answer) -> Rewriting.begins(asked, ":entid") ? null : answer);
    faults.answer("an ident is not known", (asked, answer) -> Rewriting.begins(asked, ":ident") ? null : answer);
  }

  private static Map<Object, Object> shallow(Map<?, ?> touched) {
    Map<Object, Object> map = new LinkedHashMap<>(touched);
    map.replaceAll((key, value) -> value instanceof Map<?, ?> nested ? nested.get(Questions.ID) : value);
    return map;
  }

  // ---- views, walks

  private void views() {
    for (String step : List.of("asOf", "since", "history", "without", "with")) {
      faults.question("the view " + step + " is passed over", asked -> steps(asked, one -> !Rewriting.isCall(one, step)));
    }
    faults.question("asOf leaves out the moment itself", asked -> Rewriting.calls(asked, "asOf", PlantedReadFaults::before));
    faults.question("since shows the moment itself", asked -> Rewriting.calls(asked, "since", PlantedReadFaults::before));
  }

  private static List<?> steps(List<?> asked, Predicate<Object> kept) {
    return (List<?>) Rewriting.everywhere(asked,
        form -> Questions.isView(form) ? EdnList.copyOf(((EdnList) form).stream().filter(kept).toList()) : form);
  }

  private static EdnList before(EdnList step) {
    return step.size() == 2 && step.get(1) instanceof EdnList moment && moment.get(1) instanceof Long n && n > 0
        ? Rewriting.with(step, 1, Rewriting.with(moment, 1, n - 1)) : step;
  }

  private void walks() {
    for (String walk : List.of(":datoms", ":seek", ":rseek", ":range", ":indexPull")) {
      faults.answer(walk + " leaves out the first", (asked, answer) -> Rewriting.begins(asked, walk) && answer instanceof List<?> found
          && !found.isEmpty() ? found.subList(1, found.size()) : answer);
    }
    for (String walk : List.of(":datoms", ":seek", ":rseek")) {
      faults.answer(walk + " mixes up the order", (asked, answer) -> {
        if (!Rewriting.begins(asked, walk) || !(answer instanceof List<?> found) || found.size() < 2) {
          return answer;
        }
        List<Object> mixed = new ArrayList<>(found);
        mixed.add(mixed.remove(0));
        return mixed;
      });
    }
    faults.question("seeking ends behind what was sought", asked -> Rewriting.begins(asked, ":seek")
        ? Rewriting.renamed(asked, ":seek", ":datoms") : asked);
    faults.question("an index is pulled forwards only", asked -> Rewriting.begins(asked, ":indexPull")
        ? (List<?>) Rewriting.everywhere(asked, form -> form instanceof Map<?, ?> map ? Case.without(map, Keyword.of(":reverse")) : form)
        : asked);
    faults.question("another index is read", asked -> Rewriting.begins(asked, ":datoms", ":seek", ":rseek") && asked.size() == 4
        ? Rewriting.renamed(asked, ":vaet", ":eavt") : asked);
  }
}
