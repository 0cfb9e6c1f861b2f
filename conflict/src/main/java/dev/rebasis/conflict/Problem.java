package dev.rebasis.conflict;

import dev.rebasis.data.Keyword;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One thing that keeps an intent from being committed. Immutable.
 *
 * @param code the error code
 * @param message cause and way out
 * @param data the offenders; nulls are allowed as values
 * @param parks true if a person can still decide it, false if the intent is wrong as it stands
 * @param conflict what met, if it is a problem only because of what others did; else null
 */
record Problem(Keyword code, String message, Map<Keyword, Object> data, boolean parks, Conflict conflict) {
  static final Keyword FORM = Keyword.of(":form");
  static final Keyword ATTRIBUTE = Keyword.of(":attribute");
  static final Keyword ENTITY = Keyword.of(":entity");
  static final Keyword VALUE = Keyword.of(":value");
  static final Keyword HOLDER = Keyword.of(":holder");
  static final Keyword PREDECESSOR = Keyword.of(":predecessor");
  static final Keyword POLICY = Keyword.of(":policy");
  private static final Keyword CODE = Keyword.of(":code");
  private static final Keyword MESSAGE = Keyword.of(":message");
  private static final Keyword PROBLEMS = Keyword.of(":problems");

  static Problem reject(Keyword code, String message, Object... data) {
    return new Problem(code, message, map(data), false, null);
  }

  static Problem park(Keyword code, String message, Object... data) {
    return new Problem(code, message, map(data), true, null);
  }

  /** The same with what met. */
  Problem with(Conflict met) {
    return new Problem(code, message, data, parks, met);
  }

  /** Several problems as one reason: the first gives code and sentence, the data holds all. */
  static Reason reason(List<Problem> problems) {
    Problem first = problems.get(0);
    if (problems.size() == 1) {
      return new Reason(first.code, first.message, first.data);
    }
    Map<Keyword, Object> data = new LinkedHashMap<>(first.data);
    List<Object> all = new ArrayList<>();
    for (Problem problem : problems) {
      Map<Keyword, Object> entry = new LinkedHashMap<>();
      entry.put(CODE, problem.code);
      entry.put(MESSAGE, problem.message);
      entry.putAll(problem.data);
      all.add(entry);
    }
    data.put(PROBLEMS, all);
    int more = problems.size() - 1;
    String rest = more == 1 ? " There is one more problem." : " There are " + more + " more problems.";
    return new Reason(first.code, first.message + rest, data);
  }

  private static Map<Keyword, Object> map(Object... data) {
    Map<Keyword, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < data.length; i += 2) {
      map.put((Keyword) data[i], data[i + 1]);
    }
    return map;
  }
}
