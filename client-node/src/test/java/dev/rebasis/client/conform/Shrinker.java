package dev.rebasis.client.conform;

import dev.rebasis.client.conform.Pair.Difference;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import dev.rebasis.edn.EdnList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Makes a failing case smaller: leaves out transactions, forms, entries of maps and parts of the question as long as the
 * same kind of difference remains (delta debugging, one element at a time from the end). Pure but for what plays.
 */
final class Shrinker {
  private static final int PLAYS_MAX = Integer.getInteger("rebasis.conform.plays", 600);
  private static final Keyword Q = Keyword.of(":q");

  private final Function<Case, Difference> play;
  private int plays;

  Shrinker(Function<Case, Difference> play) {
    this.play = play;
  }

  /** The smallest found that differs in the same way. */
  Case shrink(Case failing) {
    Difference first = play.apply(failing);
    if (first == null) {
      return failing; // it depends on what is not in the case
    }
    Case best = withoutSpans(failing, first);
    Case before = null;
    while (best != before && plays < PLAYS_MAX) {
      before = best;
      // What failed to go once mostly stays, so a pass goes on behind it and does not begin anew.
      int at = 0;
      for (List<Case> all = candidates(best); at < all.size() && plays < PLAYS_MAX;) {
        if (isSame(all.get(at), first)) {
          best = all.get(at);
          all = candidates(best);
        } else {
          at++;
        }
      }
    }
    return best;
  }

  /** Leaves out transactions by halves, quarters and so on, since most have nothing to do with it. */
  private Case withoutSpans(Case failing, Difference first) {
    Case best = failing;
    for (int span = failing.transactions().size() / 2; span > 1; span /= 2) {
      for (int from = best.transactions().size() - span - 1; from >= 0; from -= span) {
        List<List<?>> fewer = new ArrayList<>(best.transactions());
        fewer.subList(from, from + span).clear();
        if (isSame(best.with(fewer), first)) {
          best = best.with(fewer);
        }
      }
    }
    return best;
  }

  private boolean isSame(Case candidate, Difference first) {
    plays++;
    try {
      Difference difference = play.apply(candidate);
      return difference != null && difference.isLike(first);
    } catch (RuntimeException e) {
      return false; // what is left is no question any more; what is thrown then is a matter of Datomic
    }
  }

  private static List<Case> candidates(Case one) {
    List<Case> all = new ArrayList<>();
    int last = one.transactions().size() - 1;
    for (int i = last; i >= 0; i--) {
      List<List<?>> fewer = new ArrayList<>(one.transactions());
      fewer.remove(i);
      if (one.question() != null || i < last) {
        all.add(one.with(fewer));
      }
    }
    if (one.question() != null) {
      questions(one.question()).forEach(question -> all.add(one.asking(question)));
    }
    for (int i = last; i >= 0; i--) {
      for (Object forms : smaller(one.transactions().get(i), false)) {
        List<List<?>> others = new ArrayList<>(one.transactions());
        others.set(i, (List<?>) forms);
        all.add(one.with(others));
      }
    }
    return all;
  }

  private static List<List<?>> questions(List<?> question) {
    List<List<?>> all = new ArrayList<>();
    for (int i = 1; i < question.size(); i++) {
      boolean query = i == 1 && question.get(0).equals(Q);
      for (Object part : query ? queries(question.get(1)) : smaller(question.get(i), true)) {
        List<Object> other = new ArrayList<>(question);
        other.set(i, part);
        all.add(other);
      }
    }
    return all;
  }

  private static List<Object> queries(Object query) {
    QueryForm form = QueryForm.of(query);
    List<Object> all = new ArrayList<>();
    for (Keyword part : List.of(QueryForm.WHERE, QueryForm.WITH, QueryForm.FIND)) {
      List<Object> elements = form.part(part);
      for (int i = elements.size() - 1; i >= 0; i--) {
        List<Object> fewer = new ArrayList<>(elements);
        fewer.remove(i);
        if (!part.equals(QueryForm.FIND) || !fewer.isEmpty()) {
          all.add(form.with(part, fewer));
        }
        if (elements.get(i) instanceof EdnList call) {
          smaller(call, true).stream().filter(other -> !part.equals(QueryForm.FIND) || isCall(other)).forEach(other -> {
            List<Object> changed = new ArrayList<>(elements);
            changed.set(elements.indexOf(call), other);
            all.add(form.with(part, changed));
          });
        }
      }
    }
    return all;
  }

  /** Whether it is still an aggregate or a pull, and not a list of variables, which asks for one row. */
  private static boolean isCall(Object form) {
    return form instanceof List<?> call && call.size() > 1 && call.get(0) instanceof Symbol name && !name.text().startsWith("?");
  }

  /** With one element less, at any depth. Lists of forms are shortened, forms only in their maps. */
  private static List<Object> smaller(Object form, boolean everywhere) {
    List<Object> all = new ArrayList<>();
    if (form instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        all.add(Case.without(map, entry.getKey()));
        for (Object value : smaller(entry.getValue(), everywhere)) {
          Map<Object, Object> other = new LinkedHashMap<>(map);
          other.put(entry.getKey(), value);
          all.add(other);
        }
      }
    } else if (form instanceof List<?> list && !(form instanceof Set)) {
      boolean ofForms = everywhere || list.stream().allMatch(one -> one instanceof List || one instanceof Map);
      for (int i = list.size() - 1; i >= 0; i--) {
        if (ofForms) {
          List<Object> fewer = new ArrayList<>(list);
          fewer.remove(i);
          all.add(like(list, fewer));
        }
        for (Object element : smaller(list.get(i), everywhere)) {
          List<Object> other = new ArrayList<>(list);
          other.set(i, element);
          all.add(like(list, other));
        }
      }
    }
    return all;
  }

  private static List<?> like(List<?> list, List<Object> elements) {
    return list instanceof EdnList ? EdnList.copyOf(elements) : elements;
  }
}
