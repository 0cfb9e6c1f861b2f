package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import java.util.List;
import java.util.Set;

/**
 * Notes what the decision about each operation depends on, whether or not it is read this time: the values of its
 * {@code (e a)}, and whether the entities that it changes or refers to are there and hang where they hung, since an intent
 * about an entity that others retracted, or cut from its parent, is parked. Pure but for the notes.
 */
final class Dependencies {
  private Dependencies() {}

  static void note(List<Op> ops, Situation situation, boolean undoes) {
    CutComponents components = new CutComponents(situation.view());
    for (Op op : ops) {
      if (op instanceof Op.Add add) {
        place(add.e(), add.a(), situation);
        existence(add.e(), situation);
        components.note(add.e());
        if (add.a().isRef()) {
          existence((Long) add.v(), situation);
        }
      } else if (op instanceof Op.Cas cas) {
        place(cas.e(), cas.a(), situation);
        existence(cas.e(), situation);
        components.note(cas.e());
        if (cas.a().isRef()) {
          existence((Long) cas.v(), situation);
        }
      } else if (op instanceof Op.Retract retract) {
        place(retract.e(), retract.a(), situation);
        whole(retract.e(), undoes, situation);
      } else if (op instanceof Op.RetractAll all) {
        place(all.e(), all.a(), situation);
        whole(all.e(), undoes, situation);
      }
      // Of a retracted entity, Closure has read everything already.
    }
  }

  /** What is taken back may leave nothing of an entity, depending on what others say of it; then it matters who refers to it. */
  private static void whole(long e, boolean undoes, Situation situation) {
    if (undoes) {
      situation.view().note(new FootprintKey.Entity(e));
      situation.view().note(new FootprintKey.Reference(e));
    }
  }

  private static void place(long e, Attribute a, Situation situation) {
    situation.view().note(new FootprintKey.EntityAttribute(e, a.id()));
  }

  private static void existence(long e, Situation situation) {
    if (e >= 0 || !situation.introduced().contains(e)) {
      situation.view().note(new FootprintKey.Entity(e));
    }
  }

  /**
   * What the operations stand on, beside what was read to make them. An assertion stands on nothing that stood in its
   * place before: last-writer-wins replaces whatever it finds, and the policies that work from a base are told which
   * base the author saw.
   */
  static void needs(List<Op> ops, Situation situation, Set<FootprintKey> needs) {
    for (Op op : ops) {
      if (op instanceof Op.Add add) {
        needEntity(add.e(), situation, needs);
        if (add.a().isRef()) {
          needEntity((Long) add.v(), situation, needs);
        }
      } else if (op instanceof Op.Cas cas) {
        needs.add(new FootprintKey.EntityAttribute(cas.e(), cas.a().id()));
      } else if (op instanceof Op.Retract retract) {
        needs.add(new FootprintKey.EntityAttribute(retract.e(), retract.a().id()));
      } else if (op instanceof Op.RetractAll all) {
        needs.add(new FootprintKey.EntityAttribute(all.e(), all.a().id()));
      }
    }
  }

  /** A confirmed entity needs no one; a local one needs who made it. */
  private static void needEntity(long e, Situation situation, Set<FootprintKey> needs) {
    if (e < 0 && !situation.introduced().contains(e)) {
      needs.add(new FootprintKey.Entity(e));
    }
  }
}
