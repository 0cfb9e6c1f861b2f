package dev.rebasis.client.internal.query;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.data.Symbol;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which datoms can change the answer to a query: those that one of its patterns could match, by their attribute and by
 * the constants in entity and value. It errs on the side of too many. Immutable once made.
 */
public final class QueryReads {
  // Attributes of attributes have fixed ids below those that a database gives; a change of one may mean anything.
  private static final long FIRST_OWN_ATTRIBUTE = 72;
  private static final long TX_INSTANT = 50;
  private static final Set<String> BY_ATTRIBUTE = Set.of("get-else", "get-some", "missing?");

  private record Watch(Long entity, Object value) {}

  private final Map<Long, List<Watch>> watches = new HashMap<>();
  private final Set<Symbol> rules = new HashSet<>();
  private boolean everything;

  private QueryReads() {}

  static QueryReads of(Query query, Inputs inputs, List<?> values) {
    QueryReads reads = new QueryReads();
    reads.add(query.body(), inputs);
    query.find().elements().forEach(element -> reads.addPull(element, inputs));
    values.forEach(value -> reads.addNames(value, inputs));
    return reads;
  }

  /** Whether the datom can matter. */
  public boolean isTouchedBy(Datom datom) {
    if (everything || isSchema(datom.a())) {
      return true;
    }
    for (Watch watch : watches.getOrDefault(datom.a(), List.of())) {
      if ((watch.entity == null || watch.entity == datom.e())
          && (watch.value == null || QueryValues.same(watch.value, datom.v()))) {
        return true;
      }
    }
    return false;
  }

  /** Whether some datom of the attribute can matter. */
  public boolean isTouchedBy(long attribute) {
    return everything || isSchema(attribute) || watches.containsKey(attribute);
  }

  // Those made here have local ids, which are negative.
  private static boolean isSchema(long attribute) {
    return attribute >= 0 && attribute < FIRST_OWN_ATTRIBUTE && attribute != TX_INSTANT;
  }

  private void watch(long attribute, Long entity, Object value) {
    watches.computeIfAbsent(attribute, a -> new ArrayList<>(1)).add(new Watch(entity, value));
  }

  private void add(Body body, Inputs inputs) {
    for (Clause clause : body.where()) {
      if (clause instanceof Clause.Pattern pattern) {
        addPattern(pattern, inputs);
      } else if (clause instanceof Clause.Expression expression) {
        addCall(expression, inputs);
      } else if (clause instanceof Clause.Not not) {
        add(not.body(), Junction.of(not, inputs).inside(not.body(), inputs));
      } else if (clause instanceof Clause.Or or) {
        or.branches().forEach(branch -> add(branch, Junction.of(or, inputs).inside(branch, inputs)));
      } else if (clause instanceof Clause.RuleCall call) {
        addRule(call, inputs);
      }
    }
  }

  // Constants of one call say nothing about the others, so rules are looked at once, without any.
  private void addRule(Clause.RuleCall call, Inputs inputs) {
    if (rules.add(call.name())) {
      Inputs plain = Junction.of(call, inputs).insideWithoutConstants(inputs);
      for (Body branch : inputs.rules().find(call).branches()) {
        add(branch, plain.inside(Query.DEFAULT_SOURCE, branch, new Object[0], call.form()));
      }
    }
  }

  private void addPattern(Clause.Pattern pattern, Inputs inputs) {
    if (!(inputs.source(pattern.source(), pattern.form()) instanceof Source.Facts facts)) {
      return;
    }
    Attribute attribute = Places.attribute(pattern, facts, inputs);
    if (attribute == null) {
      everything = true;
      return;
    }
    Object entity = constant(pattern, Places.E, inputs);
    Object value = constant(pattern, Places.V, inputs);
    addNames(entity, inputs);
    addNames(attribute.isRef() ? value : null, inputs);
    Object known = value != null && attribute.isRef() ? facts.entities().find(value) : value;
    watch(attribute.id(), entity == null ? null : facts.entities().find(entity), known);
  }

  private static Object constant(Clause.Pattern pattern, int place, Inputs inputs) {
    Term term = place < pattern.terms().size() ? pattern.terms().get(place) : null;
    if (term instanceof Term.Constant constant) {
      return constant.value();
    }
    boolean known = term instanceof Term.Variable variable && inputs.isConstant(variable.slot());
    return known ? inputs.constants()[((Term.Variable) term).slot()] : null;
  }

  private void addCall(Clause.Expression call, Inputs inputs) {
    boolean reads = call.arguments().stream().anyMatch(Term.SourceName.class::isInstance);
    if (!reads) {
      return;
    }
    Source source = inputs.source(((Term.SourceName) call.arguments().stream()
        .filter(Term.SourceName.class::isInstance).findFirst().orElseThrow()).name(), call.form());
    if (!BY_ATTRIBUTE.contains(call.function().text()) || !(source instanceof Source.Facts facts)) {
      everything |= source instanceof Source.Facts;
      return;
    }
    for (Term argument : call.arguments().subList(2, call.arguments().size())) {
      Long attribute = argument instanceof Term.Constant constant ? facts.entities().find(constant.value()) : null;
      if (attribute != null) {
        watch(attribute, null, null);
      } else {
        everything |= argument instanceof Term.Variable;
      }
    }
  }

  private void addPull(FindSpec.Element element, Inputs inputs) {
    if (element instanceof FindSpec.Pull pull
        && inputs.source(pull.source(), pull.form()) instanceof Source.Facts facts) {
      Object pattern = pull.pattern() instanceof Symbol name ? inputs.patterns().get(name) : pull.pattern();
      everything |= !(pattern instanceof List<?>);
      addPulled(pattern, facts);
    }
  }

  private void addPulled(Object pattern, Source.Facts facts) {
    if (pattern instanceof Collection<?> list) {
      list.forEach(part -> addPulled(part, facts));
    } else if (pattern instanceof Map<?, ?> map) {
      map.forEach((key, value) -> {
        addPulled(key, facts);
        addPulled(value, facts);
      });
    } else if (pattern instanceof Symbol) {
      everything = true; // the wildcard
    } else if (pattern instanceof Keyword || pattern instanceof String) {
      Keyword name = Keyword.of(pattern.toString().replace("/_", "/"));
      Attribute attribute = facts.datoms().schema().attribute(name);
      if (attribute != null) {
        watch(attribute.id(), null, null);
        everything |= attribute.component();
      }
    }
  }

  /** What a lookup ref names can become another entity. */
  private void addNames(Object value, Inputs inputs) {
    if (value instanceof LookupRef ref) {
      addNames(List.of(ref.attribute(), ref.value()), inputs);
    } else if (value instanceof Collection<?> list) {
      boolean lookup = list.size() == 2 && list.iterator().next() instanceof Keyword;
      if (lookup && inputs.sources().get(Query.DEFAULT_SOURCE) instanceof Source.Facts facts) {
        Attribute attribute = facts.datoms().schema().attribute((Keyword) list.iterator().next());
        if (attribute != null) {
          watch(attribute.id(), null, null);
        }
      }
      list.forEach(element -> addNames(element, inputs));
    }
  }
}
