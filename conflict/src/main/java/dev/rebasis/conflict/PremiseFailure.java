package dev.rebasis.conflict;

import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Terms.Premise;
import java.util.ArrayList;
import java.util.List;

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
      broken[0] = situation.rules().premises().check(premise, apart, ids);
      return true;
    }, e -> thrown[0] = e);
    if (answered != null) {
      situation.view().noteAll(apart);
    }
    if (answered == null) {
      situation.problems().add(Problem.park(Codes.PREMISE_FAILED, "The premise " + Text.of(premise.query())
          + " cannot be checked: " + said(thrown[0]), QUERY, premise.query()));
    } else if (broken[0] != null) {
      fail(premise, broken[0], situation);
    }
  }

  private static String said(Throwable thrown) {
    return thrown instanceof RuntimeException && thrown.getMessage() != null ? thrown.getMessage() : Guard.words(thrown);
  }

  private static void fail(Premise premise, PremiseCheck.Broken broken, Situation situation) {
    String then = broken.then() == null ? "" : ", then " + Text.of(broken.then());
    situation.problems().add(Problem.park(Codes.PREMISE_FAILED, "A premise of this transaction no longer holds: "
        + Text.of(premise.query()) + " is now " + Text.of(broken.now()) + then + ".",
        QUERY, premise.query(), THEN, broken.then(), NOW, broken.now()));
    situation.open(new Conflict(ConflictKinds.PREMISE_CHANGED, situation.tx(), null, answer(broken.then()),
        List.of(Text.of(premise.query())), answer(broken.now()), answer(broken.now()), ConflictKinds.PARK, 0));
  }

  private static List<Object> answer(Object value) {
    List<Object> answer = new ArrayList<>();
    if (value != null) {
      answer.add(Text.of(value));
    }
    return answer;
  }
}
