package dev.rebasis.client.internal.query;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Symbol;
import dev.rebasis.data.ValueType;
import java.math.BigInteger;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Finds out whether a variable of a body can meet one number in two types: a long in one clause that is a bigint in another, a
 * float that is a double. A join takes them for the same, and the variable has the type that the first of them gave it. In
 * Datomic that is the clause written first; so such a body is run as it is written. Confined to one plan.
 */
final class NumberForms {
  private enum Form { LONG, BIG, FLOAT, DOUBLE, COMPUTED }

  private static final Set<Form> RARE = EnumSet.of(Form.BIG, Form.FLOAT);

  private final Map<Integer, Set<Form>> forms = new HashMap<>();
  private final Inputs inputs;
  private final Set<Symbol> rulesSeen;

  private NumberForms(Inputs inputs, Set<Symbol> rulesSeen) {
    this.inputs = inputs;
    this.rulesSeen = rulesSeen;
  }

  /** Whether a variable of the body can. */
  static boolean areMixed(Body body, Inputs inputs) {
    NumberForms found = new NumberForms(inputs, new HashSet<>());
    found.look(body);
    return found.forms.values().stream().anyMatch(each -> each.size() > 1 && each.stream().anyMatch(RARE::contains));
  }

  private void look(Body body) {
    for (Inputs.Relation relation : inputs.relations()) {
      for (int column = 0; column < relation.slots().length; column++) {
        for (Object[] row : relation.rows()) {
          add(relation.slots()[column], row[column]);
        }
      }
    }
    for (Clause clause : body.where()) {
      if (clause instanceof Clause.Pattern pattern) {
        look(pattern);
      } else if (clause instanceof Clause.Expression expression && expression.output() != null) {
        Set<Form> computed = ofArguments(expression);
        expression.output().forEachSlot(slot -> add(slot, computed));
      } else if (clause instanceof Clause.Or or) {
        or.branches().forEach(branch -> lookInside(branch, Junction.of(or, inputs)));
      } else if (clause instanceof Clause.RuleCall call && rulesSeen.add(call.name())) {
        inputs.rules().find(call).branches().forEach(branch -> lookInside(branch, Junction.of(call, inputs)));
      }
    }
  }

  private void lookInside(Body branch, Junction junction) {
    NumberForms inside = new NumberForms(junction.inside(branch, inputs), rulesSeen);
    inside.look(branch);
    for (int i = 0; i < junction.size(); i++) {
      if (junction.outer(i) >= 0) {
        add(junction.outer(i), inside.forms.getOrDefault(i, Set.of()));
      }
    }
  }

  private void look(Clause.Pattern pattern) {
    Source source = inputs.source(pattern.source(), pattern.form());
    for (int i = 0; i < pattern.terms().size(); i++) {
      if (pattern.terms().get(i) instanceof Term.Variable variable) {
        if (source instanceof Source.Facts facts) {
          add(variable.slot(), i == Places.V ? ofValue(pattern, facts) : EnumSet.of(Form.LONG));
        } else {
          int column = i;
          ((Source.Rows) source).rows().stream().filter(row -> column < row.size())
              .forEach(row -> add(variable.slot(), row.get(column)));
        }
      }
    }
  }

  private Set<Form> ofValue(Clause.Pattern pattern, Source.Facts facts) {
    Attribute attribute = Places.attribute(pattern, facts, inputs);
    if (attribute != null) {
      return of(attribute.valueType());
    }
    Schema schema = facts.datoms().schema();
    Set<Form> all = EnumSet.of(Form.COMPUTED);
    schema.attributes().forEach(each -> all.addAll(of(each.valueType())));
    return all;
  }

  private static Set<Form> of(ValueType type) {
    return switch (type) {
      case LONG, REF -> EnumSet.of(Form.LONG);
      case BIGINT -> EnumSet.of(Form.BIG);
      case FLOAT -> EnumSet.of(Form.FLOAT);
      case DOUBLE -> EnumSet.of(Form.DOUBLE);
      default -> EnumSet.noneOf(Form.class);
    };
  }

  /** What a call may give: it hands on a bigint or a float that it is given. */
  private Set<Form> ofArguments(Clause.Expression expression) {
    Set<Form> computed = EnumSet.of(Form.COMPUTED);
    for (Term argument : expression.arguments()) {
      if (argument instanceof Term.Variable variable) {
        forms.getOrDefault(variable.slot(), Set.of()).stream().filter(RARE::contains).forEach(computed::add);
      } else if (argument instanceof Term.Constant constant) {
        addRare(constant.value(), computed);
      }
    }
    return computed;
  }

  private static void addRare(Object value, Set<Form> forms) {
    if (value instanceof Collection<?> several) {
      several.forEach(element -> addRare(element, forms));
    } else if (value instanceof BigInteger) {
      forms.add(Form.BIG);
    } else if (value instanceof Float) {
      forms.add(Form.FLOAT);
    }
  }

  private void add(int slot, Object value) {
    if (value instanceof Long || value instanceof Double) {
      add(slot, EnumSet.of(value instanceof Long ? Form.LONG : Form.DOUBLE));
    } else if (value instanceof BigInteger || value instanceof Float) {
      add(slot, EnumSet.of(value instanceof BigInteger ? Form.BIG : Form.FLOAT));
    }
  }

  private void add(int slot, Set<Form> more) {
    if (!more.isEmpty() && !inputs.isConstant(slot)) {
      forms.computeIfAbsent(slot, each -> EnumSet.noneOf(Form.class)).addAll(more);
    }
  }
}
