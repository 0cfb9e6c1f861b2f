package dev.rebasis.client.internal.query;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Symbol;
import dev.rebasis.data.ValueType;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Finds the variables that stand for an entity in one clause and hold another name of it, an ident or a lookup ref, in
 * another: an input, a computed value, a keyword that is stored as data. Datomic resolves such a name where it happens to
 * meet it, so that its answer depends on the order of the clauses. Here such a variable gets a second slot, for the
 * entity id, which the patterns join on, and a step that goes from the one to the other; so every order gives the same
 * answer. Confined to one plan.
 */
final class EntityVariables {
  /** A variable with a second slot, in one source. */
  record Pair(Symbol source, int slot) {}

  private final Inputs inputs;
  private final Set<Pair> uses = new LinkedHashSet<>();
  private final Map<Pair, Integer> second = new LinkedHashMap<>();
  private final BitSet named = new BitSet();

  private final PlanContext context;

  private EntityVariables(Inputs inputs, PlanContext context) {
    this.inputs = inputs;
    this.context = context;
  }

  /**
   * Finds them.
   *
   * @param namedOutside slots of shared variables that hold other names of entities where they come from
   */
  static EntityVariables of(Body body, Inputs inputs, BitSet namedOutside, PlanContext context) {
    EntityVariables variables = look(body, inputs, context);
    variables.named.or(namedOutside);
    int next = body.variables().size();
    for (Pair pair : variables.uses) {
      if (variables.named.get(pair.slot)) {
        variables.second.put(pair, next++);
      }
    }
    return variables;
  }

  private static EntityVariables look(Body body, Inputs inputs, PlanContext context) {
    EntityVariables variables = new EntityVariables(inputs, context);
    for (Clause clause : body.where()) {
      variables.look(clause);
    }
    variables.lookAtInputs();
    return variables;
  }

  private void look(Clause clause) {
    if (clause instanceof Clause.Expression expression) {
      if (expression.output() != null) {
        expression.output().forEachSlot(named::set);
      }
    } else if (clause instanceof Clause.Pattern pattern) {
      Source source = inputs.source(pattern.source(), pattern.form());
      Attribute attribute = source instanceof Source.Facts facts ? Places.attribute(pattern, facts, inputs) : null;
      for (int i = 0; i < pattern.terms().size(); i++) {
        if (pattern.terms().get(i) instanceof Term.Variable variable && !inputs.isConstant(variable.slot())) {
          look(pattern, source, attribute, i, variable.slot());
        }
      }
    } else if (clause instanceof Clause.Or or) {
      Junction junction = Junction.of(or, inputs);
      for (Body branch : or.branches()) {
        addNamed(junction, look(branch, junction.inside(branch, inputs), context).named);
      }
    } else if (clause instanceof Clause.RuleCall call) {
      addNamed(Junction.of(call, inputs), namedBy(call));
    }
  }

  // What a branch computes may come out of it.
  private void addNamed(Junction junction, BitSet inside) {
    for (int i = 0; i < junction.size(); i++) {
      if (junction.outer(i) >= 0 && inside.get(i)) {
        named.set(junction.outer(i));
      }
    }
  }

  /** Which arguments of a rule may come out as names. */
  private BitSet namedBy(Clause.RuleCall call) {
    RuleSet.Rule rule = inputs.rules().find(call);
    Inputs plain = Junction.of(call, inputs).insideWithoutConstants(inputs);
    return context.namedArguments(rule, plain, () -> {
      BitSet found = new BitSet();
      for (Body branch : rule.branches()) {
        found.or(look(branch, plain.inside(Query.DEFAULT_SOURCE, branch, new Object[0], call.form()), context).named);
      }
      return found;
    });
  }

  /** Whether the variable may hold a name of an entity that is no id. */
  boolean isNamed(int slot) {
    return named.get(slot);
  }

  private void look(Clause.Pattern pattern, Source source, Attribute attribute, int place, int slot) {
    if (!(source instanceof Source.Facts)) {
      named.set(slot);
    } else if (Places.isEntity(place, attribute)) {
      uses.add(new Pair(pattern.source(), slot));
    } else if (attribute != null && place == Places.V && attribute.valueType() == ValueType.KEYWORD) {
      named.set(slot);
    }
  }

  private void lookAtInputs() {
    for (Inputs.Relation relation : inputs.relations()) {
      for (int column = 0; column < relation.slots().length; column++) {
        for (Object[] row : relation.rows()) {
          if (!(row[column] instanceof Long)) {
            named.set(relation.slots()[column]);
            break;
          }
        }
      }
    }
  }

  /** The slot of the entity id of a variable, which is the variable's own if there is no second. */
  int entitySlot(Symbol source, int slot) {
    return second.isEmpty() ? slot : second.getOrDefault(new Pair(source, slot), slot);
  }

  /** The variables with a second slot, and that slot. */
  Map<Pair, Integer> second() {
    return second;
  }
}
