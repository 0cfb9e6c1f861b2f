package dev.rebasis.server.internal.scope;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the clauses of a query read. Errs on the safe side: what it does not understand reads everything. Immutable.
 *
 * @param attributes the attributes of the facts that it reads, by their names; null if they can be any
 * @param isLocal whether all these facts are of the entity that it finds
 */
record QueryReads(Set<Keyword> attributes, boolean isLocal) {
  private static final Set<String> LOGIC = Set.of("not", "or", "and", "not-join", "or-join");
  private static final Set<String> OF_DATABASE = Set.of("missing?", "get-else", "get-some");

  /**
   * Looks through clauses.
   *
   * @param found the variable that the query finds
   * @param inputs what it is given, which may be lookup refs
   */
  static QueryReads of(List<?> clauses, Symbol found, List<?> inputs) {
    Reader reader = new Reader(found);
    clauses.forEach(reader::clause);
    reader.any |= mayLookUp(inputs);
    return new QueryReads(reader.any ? null : Set.copyOf(reader.attributes), reader.local && !reader.any);
  }

  private static boolean mayLookUp(Object input) {
    return input instanceof Collection<?> several
        && (several instanceof List<?> list && !list.isEmpty() && list.get(0) instanceof Keyword && list.size() == 2
            || several.stream().anyMatch(QueryReads::mayLookUp));
  }

  private static final class Reader {
    private final Symbol found;
    private final Set<Keyword> attributes = new HashSet<>();
    private boolean any;
    private boolean local = true;

    Reader(Symbol found) {
      this.found = found;
    }

    void clause(Object clause) {
      if (!(clause instanceof List<?> list) || list.isEmpty()) {
        any = true;
      } else if (list.get(0) instanceof Symbol head && LOGIC.contains(head.text())) {
        boolean joins = head.text().endsWith("-join");
        list.subList(joins ? 2 : 1, list.size()).forEach(this::clause);
      } else if (list.get(0) instanceof List<?> call) {
        call(call);
      } else {
        pattern(list);
      }
    }

    private void call(List<?> call) {
      if (!(call.get(0) instanceof Symbol head) || call.stream().anyMatch(part -> part instanceof List<?>)) {
        any = true;
      } else if (OF_DATABASE.contains(head.text())) {
        fact(call.size() > 2 ? call.get(2) : null, call.size() > 3 ? call.get(3) : null);
        call.stream().skip(4).filter(Keyword.class::isInstance).forEach(more -> attributes.add((Keyword) more));
      } else if (call.stream().anyMatch(Symbol.of("$")::equals)) {
        any = true;
      }
    }

    private void pattern(List<?> pattern) {
      List<Object> parts = new ArrayList<>(pattern);
      if (parts.get(0) instanceof Symbol source && source.text().startsWith("$")) {
        parts.remove(0);
      }
      fact(parts.isEmpty() ? null : parts.get(0), parts.size() > 1 ? parts.get(1) : null);
      // A lookup ref reads an attribute of its own; a tuple looks the same.
      any |= parts.size() > 2 && parts.get(2) instanceof List<?>;
    }

    private void fact(Object e, Object a) {
      local &= found.equals(e);
      if (a instanceof Keyword attribute) {
        attributes.add(attribute);
      } else {
        any = true;
      }
    }
  }
}
