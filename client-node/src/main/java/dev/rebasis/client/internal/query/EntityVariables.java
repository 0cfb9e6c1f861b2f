package dev.rebasis.client.internal.query;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Symbol;
import dev.rebasis.data.ValueType;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Finds the variables that stand for an entity in one clause and hold another name of it, an ident or a lookup ref, in
 * another: an input, a computed value, a keyword that is stored as data. Datomic resolves such a name where it happens to
 * meet it, so that its answer depends on the order of the clauses. Here such a variable gets a second slot, for the
 * entity id, which the patterns join on, and a step that goes from the one to the other; so every order gives the same
 * answer. Confined to one plan.
 */
final class EntityVariables {
  /**
   * A variable with a second slot.
   *
   * @param source in which it stands for an entity; null if it stands for a keyword, which is the same in all
   */
  record Pair(Symbol source, int slot) {
    boolean isKeyword() {
      return source == null;
    }
  }

  /** Gives what a value stands for. */
  interface Meaning {
    /** The entity's id, or the keyword; null if the value stands for none. */
    Object of(Object value);
  }

  private final Inputs inputs;
  private final Map<Pair, Object> uses = new LinkedHashMap<>(); // with the first clause, which errors name
  private final Map<Pair, Integer> second = new LinkedHashMap<>();
  private final OtherForms forms = new OtherForms();
  private final BitSet given = new BitSet(); // variables with a text that an input, or a call of constants, gives them

  private final PlanContext context;

  private EntityVariables(Inputs inputs, PlanContext context) {
    this.inputs = inputs;
    this.context = context;
  }

  /**
   * Finds them.
   *
   * @param outside what shared variables may hold where they come from
   */
  static EntityVariables of(Body body, Inputs inputs, OtherForms outside, PlanContext context) {
    EntityVariables variables = look(body, inputs, context);
    variables.forms.add(outside);
    variables.given.or(outside.texts());
    int next = body.variables().size();
    for (Pair pair : variables.uses.keySet()) {
      if (pair.isKeyword() ? variables.forms.isText(pair.slot) : variables.forms.isName(pair.slot)) {
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
        boolean constant = expression.arguments().stream().allMatch(this::isConstant);
        expression.output().forEachSlot(slot -> {
          forms.setAny(slot);
          given.set(slot, constant || given.get(slot));
        });
      }
    } else if (clause instanceof Clause.Pattern pattern) {
      Source source = inputs.source(pattern.source(), pattern.form());
      Attribute attribute = source instanceof Source.Facts facts ? Places.meaning(pattern, facts, inputs) : null;
      for (int i = 0; i < pattern.terms().size(); i++) {
        if (pattern.terms().get(i) instanceof Term.Variable variable && !inputs.isConstant(variable.slot())) {
          look(pattern, source, attribute, i, variable.slot());
        }
      }
    } else if (clause instanceof Clause.Or or) {
      Junction junction = Junction.of(or, inputs);
      for (Body branch : or.branches()) {
        addNamed(junction, look(branch, junction.inside(branch, inputs), context).forms);
      }
    } else if (clause instanceof Clause.RuleCall call) {
      addNamed(Junction.of(call, inputs), namedBy(call));
    }
  }

  // What a branch computes may come out of it.
  private void addNamed(Junction junction, OtherForms inside) {
    for (int i = 0; i < junction.size(); i++) {
      if (junction.outer(i) >= 0) {
        forms.add(junction.outer(i), inside, i);
      }
    }
  }

  /** What the arguments of a rule may come out as. */
  private OtherForms namedBy(Clause.RuleCall call) {
    RuleSet.Rule rule = inputs.rules().find(call);
    Inputs plain = Junction.of(call, inputs).insideWithoutConstants(inputs);
    return context.namedArguments(rule, plain, () -> {
      OtherForms found = new OtherForms();
      for (Body branch : rule.branches()) {
        found.add(look(branch, plain.insideRule(branch, call.form()), context).forms);
      }
      return found;
    });
  }

  private boolean isConstant(Term term) {
    return !(term instanceof Term.Variable variable) || inputs.isConstant(variable.slot());
  }

  /**
   * What the variables may hold in a nested body. A text stands for a keyword there only if it is given before any clause is
   * evaluated, in Datomic too: not if it is itself a fact's value.
   */
  OtherForms formsInside() {
    return forms.withTextsOf(given);
  }

  private void look(Clause.Pattern pattern, Source source, Attribute attribute, int place, int slot) {
    if (!(source instanceof Source.Facts)) {
      forms.setAny(slot);
    } else if (Places.isEntity(place, attribute)) {
      uses.putIfAbsent(new Pair(pattern.source(), slot), pattern.form());
    } else if (Places.isKeyword(place, attribute)) {
      forms.setName(slot);
      uses.putIfAbsent(new Pair(null, slot), pattern.form());
    } else if (attribute != null && attribute.valueType() == ValueType.STRING) {
      forms.setText(slot);
    }
  }

  private void lookAtInputs() {
    for (Inputs.Relation relation : inputs.relations()) {
      for (int column = 0; column < relation.slots().length; column++) {
        for (Object[] row : relation.rows()) {
          forms.set(relation.slots()[column], row[column]);
          if (row[column] instanceof String) {
            given.set(relation.slots()[column]);
          }
        }
      }
    }
  }

  /** Where entity ids of a source and keywords are: the variables' own slots if there is no second. */
  Places.Slots slotsIn(Symbol source) {
    return second.isEmpty() ? Places.Slots.OWN : new Places.Slots() {
      @Override
      public int ofEntity(int slot) {
        return second.getOrDefault(new Pair(source, slot), slot);
      }

      @Override
      public int ofKeyword(int slot) {
        return second.getOrDefault(new Pair(null, slot), slot);
      }
    };
  }

  /** What the values of a variable stand for in its second slot. */
  Meaning meaning(Pair pair, Inputs given) {
    if (pair.isKeyword()) {
      return QueryValues::keyword;
    }
    Object form = uses.get(pair);
    EntityResolver entities = ((Source.Facts) given.source(pair.source(), form)).entities();
    return value -> ResolveStep.entity(entities, value, form);
  }

  /**
   * Takes their second slots from variables that nothing gives a value, since all patterns bind the second slot: what they hold is
   * what those patterns find.
   */
  void drop(Collection<Pair> pairs) {
    second.keySet().removeAll(pairs);
  }

  /** The variables with a second slot, and that slot. */
  Map<Pair, Integer> second() {
    return second;
  }
}
