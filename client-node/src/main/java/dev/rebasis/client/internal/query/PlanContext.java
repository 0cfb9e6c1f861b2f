package dev.rebasis.client.internal.query;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the plans of one evaluation share: the query's own, and those of what is nested in it. Confined to it. */
final class PlanContext {
  private final Statistics statistics;
  private final Map<Object, TabledRules> tabled = new HashMap<>();

  PlanContext(Statistics statistics) {
    this.statistics = statistics;
  }

  Statistics statistics() {
    return statistics;
  }

  /** The evaluation of a rule, and of those that it is mutually recursive with, on one source. */
  TabledRules tabled(RuleSet.Rule rule, Inputs inputs) {
    Source source = inputs.sources().get(Query.DEFAULT_SOURCE);
    for (RuleSet.Rule known : inputs.rules().group(rule)) {
      TabledRules evaluation = tabled.get(List.of(System.identityHashCode(source), known.name()));
      if (evaluation != null) {
        return evaluation;
      }
    }
    TabledRules evaluation = new TabledRules(inputs, this);
    tabled.put(List.of(System.identityHashCode(source), rule.name()), evaluation);
    return evaluation;
  }
}
