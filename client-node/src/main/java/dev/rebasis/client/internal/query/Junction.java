package dev.rebasis.client.internal.query;

import dev.rebasis.data.Symbol;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;

/**
 * Where a body meets the one around it: its first variables, each with what stands for it outside. Immutable.
 */
final class Junction {
  private static final int NO_SLOT = -1;

  private final Symbol source;
  private final int[] outer;
  private final Object[] constants;
  private final BitSet loose = new BitSet(); // of the constants, see Inputs
  private final int required;
  private final Object form;

  private Junction(Symbol source, int size, int required, Object form) {
    this.source = source;
    this.outer = new int[size];
    this.constants = new Object[size];
    this.required = required;
    this.form = form;
    Arrays.fill(outer, NO_SLOT);
    Arrays.fill(constants, Inputs.NONE);
  }

  /** That of a {@code not}. */
  static Junction of(Clause.Not not, Inputs inputs) {
    Junction junction = of(not.source(), not.outer(), 0, not.form(), inputs);
    junction.loose.set(0, junction.size());
    return junction;
  }

  /** That of an {@code or}. */
  static Junction of(Clause.Or or, Inputs inputs) {
    return of(or.source(), or.outer(), or.required(), or.form(), inputs);
  }

  private static Junction of(Symbol source, List<Integer> outer, int required, Object form, Inputs inputs) {
    Junction junction = new Junction(source, outer.size(), required, form);
    for (int i = 0; i < outer.size(); i++) {
      junction.setVariable(i, outer.get(i), inputs);
    }
    return junction;
  }

  /** That of a call of a rule. */
  static Junction of(Clause.RuleCall call, Inputs inputs) {
    int required = inputs.rules().find(call).required();
    Junction junction = new Junction(call.source(), call.arguments().size(), required, call.form());
    for (int i = 0; i < call.arguments().size(); i++) {
      Term term = call.arguments().get(i);
      if (term instanceof Term.Variable variable) {
        junction.setVariable(i, variable.slot(), inputs);
      } else if (term instanceof Term.Constant constant) {
        junction.constants[i] = constant.value();
        junction.loose.set(i);
      } else if (term instanceof Term.SourceName) {
        throw QueryErrors.in(call.form(), QueryErrors.INVALID_QUERY,
            "A data source is no argument of a rule; write it before the rule's name.");
      }
    }
    return junction;
  }

  private void setVariable(int i, int slot, Inputs inputs) {
    if (inputs.isConstant(slot)) {
      constants[i] = inputs.constants()[slot];
      loose.set(i, inputs.isLoose(slot));
    } else {
      outer[i] = slot;
    }
  }

  /** The same, but with blanks for those variables that are not among the given ones, since nobody asks for them. */
  Junction keeping(BitSet used) {
    Junction kept = new Junction(source, outer.length, required, form);
    kept.loose.or(loose);
    for (int i = 0; i < outer.length; i++) {
      kept.constants[i] = constants[i];
      kept.outer[i] = outer[i] >= 0 && (used.get(outer[i]) || isRepeated(i)) ? outer[i] : NO_SLOT;
    }
    return kept;
  }

  private boolean isRepeated(int i) {
    for (int j = 0; j < outer.length; j++) {
      if (j != i && outer[j] == outer[i]) {
        return true;
      }
    }
    return false;
  }

  Object form() {
    return form;
  }

  int size() {
    return outer.length;
  }

  /** The slot outside, or -1 for constants and blanks. */
  int outer(int i) {
    return outer[i];
  }

  /** The constant, or {@link Inputs#NONE}. */
  Object constant(int i) {
    return constants[i];
  }

  /** The constants by position, {@link Inputs#NONE} where there is none or where it says only row by row what stands there. */
  Object[] fixed() {
    Object[] fixed = constants.clone();
    loose.stream().forEach(i -> fixed[i] = Inputs.NONE);
    return fixed;
  }

  /** Whether the constants repeat those of another call, {@link Inputs#NONE} where that has none. */
  boolean says(List<Object> others) {
    for (int i = 0; i < constants.length; i++) {
      if (others.get(i) != Inputs.NONE && !Objects.equals(others.get(i), constants[i])) {
        return false;
      }
    }
    return true;
  }

  /** The call of a rule that this is the junction of; what is variable in it makes no difference. */
  TabledRules.Call call(Symbol rule) {
    return new TabledRules.Call(rule, Arrays.asList(constants), loose);
  }

  /** The slots outside. */
  BitSet outerSlots() {
    BitSet slots = new BitSet();
    for (int slot : outer) {
      if (slot >= 0) {
        slots.set(slot);
      }
    }
    return slots;
  }

  /** The positions that have a variable outside. */
  BitSet variables() {
    BitSet positions = new BitSet();
    for (int i = 0; i < outer.length; i++) {
      positions.set(i, outer[i] >= 0);
    }
    return positions;
  }

  /** The positions whose variable is bound outside; constants are not among them. */
  BitSet bound(BitSet boundOutside) {
    BitSet positions = new BitSet();
    for (int i = 0; i < outer.length; i++) {
      positions.set(i, outer[i] >= 0 && boundOutside.get(outer[i]));
    }
    return positions;
  }

  /** Whether all that must be bound before is. */
  boolean isAllowed(BitSet boundOutside) {
    for (int i = 0; i < required; i++) {
      if (constants[i] == Inputs.NONE && (outer[i] < 0 || !boundOutside.get(outer[i]))) {
        return false;
      }
    }
    return true;
  }

  /** The inputs that the body sees. */
  Inputs inside(Body body, Inputs inputs) {
    return inputs.inside(source, body, constants, loose, form);
  }

  /** The same inputs, with nothing constant, for bodies that are shared by several callers. */
  Inputs insideWithoutConstants(Inputs inputs) {
    Body nothing = new Body(List.of(), List.of());
    return inputs.inside(source, nothing, new Object[0], new BitSet(), form);
  }

  /** Plans a body for its place here. */
  Planner planner(Body body, Inputs inputs, EntityVariables around, PlanContext context, int depth) {
    OtherForms forms = new OtherForms();
    for (int i = 0; i < outer.length; i++) {
      if (outer[i] >= 0) {
        forms.add(i, around.formsInside(), outer[i]);
      }
    }
    return new Planner(body, inside(body, inputs), context, variables(), forms, null, depth + 1);
  }
}
