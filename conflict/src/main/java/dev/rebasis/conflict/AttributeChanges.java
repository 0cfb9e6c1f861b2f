package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.SystemIds;
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

  /** The problems, with those that such a change explains turned into parkings. */
  static List<Problem> explained(List<Problem> problems, Situation situation) {
    return situation.remote().isEmpty() ? problems
        : problems.stream().map(problem -> isExplained(problem, situation) ? parked(problem) : problem).toList();
  }

  private static boolean isExplained(Problem problem, Situation situation) {
    if (problem.parks() || !CODES.contains(problem.code())) {
      return false;
    }
    if (!(problem.data().get(Problem.ATTRIBUTE) instanceof Keyword ident)) {
      return false;
    }
    Attribute attribute = situation.view().schema().attribute(ident);
    return !situation.remote().ofValue(SystemIds.DB_IDENT, ident).isEmpty()
        || attribute != null && !situation.remote().of(attribute.id()).isEmpty();
  }

  private static Problem parked(Problem problem) {
    Map<Keyword, Object> data = new LinkedHashMap<>(problem.data());
    return new Problem(Codes.ATTRIBUTE_CHANGED, "Others have changed the attribute "
        + problem.data().get(Problem.ATTRIBUTE) + " since. " + problem.message(), data, true);
  }
}
