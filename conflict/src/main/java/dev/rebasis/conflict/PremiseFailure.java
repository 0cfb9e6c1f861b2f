package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Unique;
import dev.rebasis.protocol.Terms.Premise;
import java.util.List;
import java.util.Set;

/** Checks one premise of an intent. Pure but for what it adds to the situation. */
final class PremiseFailure {
  private static final Keyword THEN = Keyword.of(":then");
  private static final Keyword NOW = Keyword.of(":now");
  private static final Keyword QUERY = Keyword.of(":query");

  private PremiseFailure() {}

  static void check(Premise premise, LocalIds ids, Situation situation) {
    Throwable[] thrown = new Throwable[1];
    PremiseCheck.Broken[] broken = new PremiseCheck.Broken[1];
    TracingView apart = situation.view().apart();
    Boolean answered = situation.rules().guard().contained("the premise " + Text.of(premise.query()), () -> {
      broken[0] = situation.rules().premises().check(premise, apart, ids, situation.remote());
      return true;
    }, e -> thrown[0] = e);
    if (answered != null) {
      situation.view().noteAll(apart);
    }
    if (answered == null) {
      situation.problems().add(Problem.park(Codes.PREMISE_FAILED, "The premise " + Text.of(premise.query())
          + " cannot be checked: " + said(thrown[0]), QUERY, premise.query()));
      situation.open(new Conflict(ConflictKinds.PREMISE_CHANGED, situation.tx(), null, List.of(),
          List.of(Text.of(premise.query())), List.of(), List.of(), ConflictKinds.PARK, 0));
    } else if (broken[0] != null) {
      fail(premise, broken[0], apart.reads(), situation);
    }
  }

  private static String said(Throwable thrown) {
    return thrown instanceof RuntimeException && thrown.getMessage() != null ? thrown.getMessage() : Guard.words(thrown);
  }

  private static void fail(
      Premise premise, PremiseCheck.Broken broken, Set<FootprintKey> read, Situation situation) {
    String then = broken.then() == null ? "" : ", then " + Text.ofAnswer(broken.then());
    situation.problems().add(Problem.park(Codes.PREMISE_FAILED, "A premise of this transaction no longer holds: "
        + Text.of(premise.query()) + " is now " + Text.ofAnswer(broken.now()) + then + "."
        + (broken.note() == null ? "" : " " + broken.note()),
        QUERY, premise.query(), THEN, broken.then(), NOW, broken.now()));
    situation.open(new Conflict(ConflictKinds.PREMISE_CHANGED, situation.tx(), null, answer(broken.then()),
        List.of(Text.of(premise.query())), answer(broken.now()), answer(broken.now()), ConflictKinds.PARK,
        broken.remoteTx() > 0 ? broken.remoteTx() : newest(read, situation)));
  }

  /** The newest remote transaction that wrote what was read, as far as the patterns name a place; else 0. */
  private static long newest(Set<FootprintKey> read, Situation situation) {
    RemoteChanges remote = situation.remote();
    long newest = 0;
    if (!remote.isEmpty()) {
      for (FootprintKey key : read) {
        for (Datom change : changes(key, remote, situation.view().schema())) {
          newest = Math.max(newest, change.tx());
        }
      }
    }
    return newest;
  }

  private static List<Datom> changes(FootprintKey key, RemoteChanges remote, Schema schema) {
    if (key instanceof FootprintKey.EntityAttribute place) {
      return remote.of(place.e(), place.a());
    }
    if (key instanceof FootprintKey.Entity entity) {
      return remote.of(entity.e());
    }
    return key instanceof FootprintKey.AttributeValue value && isUnique(schema.attribute(value.a()))
        ? remote.ofValue(value.a(), value.v()) : List.of();
  }

  private static boolean isUnique(Attribute attribute) {
    return attribute != null && attribute.unique() != Unique.NONE;
  }

  private static List<Object> answer(Object value) {
    return value == null ? List.of() : List.of(Text.ofAnswer(value));
  }
}
