package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.SystemIds;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What was right when an author wrote it, and is wrong only because others changed an attribute since (its name now means
 * another one, its type or cardinality differs), is no fault: a person decides. Pure.
 */
final class AttributeChanges {
  private static final Set<Keyword> CODES = Set.of(
      Codes.NOT_AN_ENTITY, Codes.NOT_AN_ATTRIBUTE, Codes.WRONG_TYPE, Codes.INVALID_TUPLE, Codes.NOT_A_KEYWORD,
      Codes.INVALID_LOOKUP_REF, Codes.LOOKUP_NOT_UNIQUE, Codes.INVALID_NESTED, Codes.DATOMS_CONFLICT,
      Codes.INVALID_CAS_MANY);

  private AttributeChanges() {}

  /**
   * Parks what says something else than its author meant since others altered the cardinality: what was to take the
   * place of a value would stand beside it, or the other way round. What is said about an entity that the intent itself
   * makes means the same under both.
   *
   * @param ops those that no function made in sight of the attribute as it is now
   */
  static void check(List<Op> ops, Situation situation) {
    Set<Long> seen = new HashSet<>();
    for (Op op : ops) {
      if (op instanceof Op.Add add && !situation.introduced().contains(add.e())
          && seen.add(add.a().id()) && isAltered(add.a(), situation)) {
        situation.problems().add(parked(Problem.reject(Codes.ATTRIBUTE_CHANGED, "It takes "
            + (add.a().isMany() ? "many values" : "one value") + " now, so that " + Text.of(add.form())
            + " would do something else than when it was written. Retry it if it is right as it stands.",
            Problem.ATTRIBUTE, add.a().ident(), Problem.FORM, add.form()).with(altered(add, situation))));
      }
    }
  }

  private static Conflict altered(Op.Add add, Situation situation) {
    List<Object> base = situation.remote().baseValues(add.e(), add.a().id());
    List<Object> left = situation.view().values(add.e(), add.a());
    return new Conflict(ConflictKinds.ATTRIBUTE_CHANGED, add.e(), add.a().ident(), base, List.of(add.v()), left, left,
        ConflictKinds.PARK, last(situation.remote().of(add.a().id(), SystemIds.DB_CARDINALITY)).tx());
  }

  private static Datom last(List<Datom> changes) {
    return changes.get(changes.size() - 1);
  }

  private static boolean isAltered(Attribute attribute, Situation situation) {
    if (situation.remote().of(attribute.id(), SystemIds.DB_CARDINALITY).isEmpty()) {
      return false;
    }
    List<Object> before = situation.remote().baseValues(attribute.id(), SystemIds.DB_CARDINALITY);
    long now = attribute.isMany() ? SystemIds.CARDINALITY_MANY : SystemIds.CARDINALITY_ONE;
    return !before.isEmpty() && !before.contains(now);
  }

  /** The problems, with those that such a change explains turned into parkings. */
  static List<Problem> explained(List<Problem> problems, Situation situation) {
    return situation.remote().isEmpty() ? problems
        : problems.stream().map(problem -> explained(problem, situation)).toList();
  }

  private static Problem explained(Problem problem, Situation situation) {
    if (problem.parks() || !CODES.contains(problem.code())
        || !(problem.data().get(Problem.ATTRIBUTE) instanceof Keyword ident)) {
      return problem;
    }
    Attribute attribute = situation.view().schema().attribute(ident);
    List<Datom> named = situation.remote().ofValue(SystemIds.DB_IDENT, ident);
    List<Datom> changes = named.isEmpty() && attribute != null ? situation.remote().of(attribute.id()) : named;
    if (changes.isEmpty()) {
      return problem;
    }
    List<Object> said = List.of(Text.of(problem.data().get(Problem.FORM)));
    return parked(problem.with(new Conflict(ConflictKinds.ATTRIBUTE_CHANGED, last(changes).e(), null, List.of(), said,
        List.of(), List.of(), ConflictKinds.PARK, last(changes).tx())));
  }

  private static Problem parked(Problem problem) {
    Map<Keyword, Object> data = new LinkedHashMap<>(problem.data());
    return new Problem(Codes.ATTRIBUTE_CHANGED, "Others have changed the attribute "
        + problem.data().get(Problem.ATTRIBUTE) + " since. " + problem.message(), data, true, problem.conflict());
  }
}
