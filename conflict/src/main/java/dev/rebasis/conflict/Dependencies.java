package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import java.util.List;

/**
 * Notes what the decision about each operation depends on, whether or not it is read this time: the values of its
 * {@code (e a)}, and whether the entities that it changes or refers to are there, since an intent about an entity that
 * others retracted is parked. Pure but for the notes.
 */
final class Dependencies {
  private Dependencies() {}

  static void note(List<Op> ops, Situation situation) {
    for (Op op : ops) {
      if (op instanceof Op.Add add) {
        place(add.e(), add.a(), situation);
        existence(add.e(), situation);
        if (add.a().isRef()) {
          existence((Long) add.v(), situation);
        }
      } else if (op instanceof Op.Cas cas) {
        place(cas.e(), cas.a(), situation);
        existence(cas.e(), situation);
        if (cas.a().isRef()) {
          existence((Long) cas.v(), situation);
        }
      } else if (op instanceof Op.Retract retract) {
        place(retract.e(), retract.a(), situation);
      } else if (op instanceof Op.RetractAll all) {
        place(all.e(), all.a(), situation);
      }
      // Of a retracted entity, Closure has read everything already.
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
}
