package dev.rebasis.client.internal.query;

import dev.rebasis.data.Symbol;
import java.util.HashMap;
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

  /** A rule on a source; the source itself, not an equal one, since comparing plain collections would read them. */
  private record Key(Source source, Symbol rule) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Key key && key.source == source && key.rule.equals(rule);
    }

    @Override
    public int hashCode() {
      return 31 * System.identityHashCode(source) + rule.hashCode();
    }
  }

  /** Bodies of rules that are put in place of calls; past these, rules are tabled, so that a plan does not grow with each layer. */
  private static final int INLINED_MAX = 100;

  private final Statistics statistics;
  private final boolean explaining;
  private final Sequence sequence;
  private final StopLook look;
  private final Map<Object, TabledRules> tabled = new HashMap<>();
  private int inlined;
  private final NamedArguments named = new NamedArguments();

  /**
   * Begins.
   *
   * @param explaining whether the rows behind each step are counted, those of nested bodies too
   * @param sequence in which clauses go, those of nested bodies too
   * @param look where the evaluation can be given up; null if nobody will ask for that
   */
  PlanContext(Statistics statistics, boolean explaining, Sequence sequence, StopLook look) {
    this.statistics = statistics;
    this.explaining = explaining;
    this.sequence = sequence;
    this.look = look;
  }

  /** In which order clauses go. */
  Sequence sequence() {
    return sequence;
  }

  /** Whether so many more bodies may be put in place of a call. */
  boolean takesIn(int bodies) {
    inlined += bodies;
    return inlined <= INLINED_MAX;
  }

  /** A new step at which the evaluation can be given up, or null if nobody will ask for that. */
  StopStep stop() {
    return look == null ? null : new StopStep(look);
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
    return new Key(inputs.sources().get(Query.DEFAULT_SOURCE), rule.name());
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
