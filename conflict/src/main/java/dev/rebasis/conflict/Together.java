package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Attributes that a custom policy decides together ({@link CustomPolicy#together}): a change of one of them meets a change
 * of another. Confined to one decision; costs nothing where no registered policy asks for it.
 */
final class Together {
  private final Situation situation;
  private final PolicyChoice policies;

  Together(Situation situation, PolicyChoice policies) {
    this.situation = situation;
    this.policies = policies;
  }

  /** Notes that the decision about each operation depends on the attributes that go together with its own. */
  void note(List<Op> ops) {
    for (Op op : ops) {
      Attribute attribute = Detection.attribute(op);
      if (attribute != null) {
        with(attribute).forEach(other -> situation.view().note(new FootprintKey.EntityAttribute(op.e(), other.id())));
      }
    }
  }

  /** What others wrote on the attributes that go together with this one, by rising T. */
  List<Datom> changes(long e, Attribute a) {
    List<Datom> changes = new ArrayList<>();
    with(a).forEach(other -> changes.addAll(situation.remote().of(e, other.id())));
    changes.sort(Comparator.comparingLong(Datom::tx));
    return changes;
  }

  private List<Attribute> with(Attribute attribute) {
    Policy policy = situation.rules().decidesTogether() && !attribute.isMany() ? policies.of(attribute) : null;
    List<Attribute> others = new ArrayList<>();
    if (policy != null) {
      for (Keyword ident : policy.together()) {
        Attribute other = situation.view().schema().attribute(ident);
        if (other != null) {
          others.add(other);
        }
      }
    }
    return others;
  }
}
