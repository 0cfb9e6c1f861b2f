package dev.rebasis.client.internal.query;

import dev.rebasis.data.Symbol;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The inputs of one evaluation, as one body sees them. Confined to it.
 *
 * @param sources by name
 * @param constants values of the variables that have exactly one, by slot; {@link #NONE} for the others
 * @param loose those constants that say only row by row what stands there, as one of several would: an attribute among them does
 *     not tell how a name or text beside it is meant. Datomic has it so for collections, for what a {@code not} sees, and for
 *     literal arguments of rules
 * @param relations what the other inputs give, joined with the clauses like facts
 * @param empty whether some input has no rows, so that there is no result
 * @param rules what {@code %} brought
 * @param patterns pull patterns, by name
 */
record Inputs(
    Map<Symbol, Source> sources,
    Object[] constants,
    BitSet loose,
    List<Relation> relations,
    boolean empty,
    RuleSet rules,
    Map<Symbol, Object> patterns) {
  /** Marks a slot without a constant; null is a value. */
  static final Object NONE = new Object();

  /**
   * Rows of values for some variables.
   *
   * @param slots which variable each column holds
   */
  record Relation(int[] slots, List<Object[]> rows, Object form) {}

  boolean isConstant(int slot) {
    return slot < constants.length && constants[slot] != NONE;
  }

  /**
   * What a nested body sees.
   *
   * @param source what {@code $} is there
   * @param shared the values of its first variables, {@link #NONE} for those that are not constant
   * @param sharedLoose which of these are {@link #loose}
   * @param clause for messages
   */
  Inputs inside(Symbol source, Body body, Object[] shared, BitSet sharedLoose, Object clause) {
    Object[] inner = Arrays.copyOf(shared, body.variables().size());
    Arrays.fill(inner, shared.length, inner.length, NONE);
    Map<Symbol, Source> innerSources = sources;
    if (!source.equals(Query.DEFAULT_SOURCE)) {
      innerSources = new HashMap<>(sources);
      innerSources.put(Query.DEFAULT_SOURCE, source(source, clause));
    }
    return new Inputs(innerSources, inner, sharedLoose, List.of(), false, rules, patterns);
  }

  /** What the body of a rule sees when it is looked at for any call: nothing is constant. */
  Inputs insideRule(Body body, Object clause) {
    return insideRule(body, new Object[0], clause);
  }

  /** What it sees in a table whose calls share constants: {@link #NONE} for arguments that differ. */
  Inputs insideRule(Body body, Object[] shared, Object clause) {
    return inside(Query.DEFAULT_SOURCE, body, shared, new BitSet(), clause);
  }

  /** Whether it is a constant, but see {@link #loose}. */
  boolean isLoose(int slot) {
    return loose.get(slot);
  }

  /** The source; throws if there is none, or it is nothing that can be read. */
  Source source(Symbol name, Object clause) {
    Source source = sources.get(name);
    if (source == null) {
      throw QueryErrors.in(clause, QueryErrors.INVALID_DATA_SOURCE,
          "There is no data source " + name + "; name it in :in and pass it.");
    }
    if (source instanceof Source.Unusable unusable) {
      String what = unusable.input() == null ? "nil" : "an object of " + unusable.input().getClass().getName();
      throw QueryErrors.in(clause, QueryErrors.INVALID_DATA_SOURCE,
          "The data source " + name + " is " + what + "; pass a database or a collection of lists.");
    }
    return source;
  }
}
