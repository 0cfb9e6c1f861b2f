package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
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
            Problem.ATTRIBUTE, add.a().ident(), Problem.FORM, add.form())));
      }
    }
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
