package dev.rebasis.client.internal.query;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What the plans of one evaluation share: the query's own, and those of what is nested in it. Confined to it. */
final class PlanContext {
  /** Orders of clauses. */
  enum Sequence {
    /** That which is expected to cost least. */
    CHEAPEST,
    /** That in which they are written. */
    WRITTEN,
    /** That in which they are written, but predicates before calls that give values, as Datomic has it. */
    PREDICATES_FIRST
  }

  private final Statistics statistics;
  private final boolean explaining;
  private final Sequence sequence;
  private final Map<Object, TabledRules> tabled = new HashMap<>();
  private final NamedArguments named = new NamedArguments();

  /**
   * Begins.
   *
   * @param explaining whether the rows behind each step are counted, those of nested bodies too
   * @param sequence in which clauses go, those of nested bodies too
   */
  PlanContext(Statistics statistics, boolean explaining, Sequence sequence) {
    this.statistics = statistics;
    this.explaining = explaining;
    this.sequence = sequence;
  }

  /** In which order clauses go. */
  Sequence sequence() {
    return sequence;
  }

  /** A new place to count the rows of one body in, or null if nobody wants to know. */
  Explanation explanation() {
    return explaining ? new Explanation() : null;
  }

  /**
   * Which arguments of a rule may come out as names of entities, or as texts for keywords.
   *
   * @param look looks through the rule's bodies
   */
  OtherForms namedArguments(RuleSet.Rule rule, Inputs inputs, Supplier<OtherForms> look) {
    return named.of(key(rule, inputs), look);
  }

  private static Object key(RuleSet.Rule rule, Inputs inputs) {
    return List.of(System.identityHashCode(inputs.sources().get(Query.DEFAULT_SOURCE)), rule.name());
  }

  Statistics statistics() {
    return statistics;
  }

  /** The evaluation of a rule, and of those that it is mutually recursive with, on one source. */
  TabledRules tabled(RuleSet.Rule rule, Inputs inputs) {
    for (RuleSet.Rule known : inputs.rules().group(rule)) {
      TabledRules evaluation = tabled.get(key(known, inputs));
      if (evaluation != null) {
        return evaluation;
      }
    }
    TabledRules evaluation = new TabledRules(inputs, this);
    tabled.put(key(rule, inputs), evaluation);
    return evaluation;
  }
}
