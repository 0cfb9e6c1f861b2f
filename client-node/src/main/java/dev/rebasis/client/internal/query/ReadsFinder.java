package dev.rebasis.client.internal.query;

import dev.rebasis.client.QueryException;
import dev.rebasis.client.internal.pull.PullEngine;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.EntityId;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.data.Symbol;
import dev.rebasis.data.Unique;
import dev.rebasis.data.ValueType;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds what a query reads of the databases among its inputs; see {@link QueryReads}. Confined to one search. */
final class ReadsFinder {
  private static final Set<String> BY_ATTRIBUTE = Set.of("get-else", "get-some", "missing?");

  /** Functions whose result is never a lookup ref: numbers, text, truth. */
  private static final Set<String> PLAIN = Set.of(
      "=", "!=", "not=", "==", "<", "<=", ">", ">=", "compare", "not", "true?", "false?", "boolean", "+", "*", "-", "/",
      "quot", "rem", "mod", "inc", "dec", "abs", "max", "min", "long", "double", "count", "empty?", "contains?", "str",
      "subs", "name", "namespace", "keyword", "get-some");

  private final QueryReads reads = new QueryReads();
  private final PullEngine pulls;
  private final Inputs inputs;
  private final Map<Source, Set<Symbol>> rules = new IdentityHashMap<>();

  private ReadsFinder(Inputs inputs, PullEngine pulls) {
    this.inputs = inputs;
    this.pulls = pulls;
  }

  /**
   * Finds it. A clause that the query did not come to may name what does not exist; what it would read is not known then,
   * and everything is taken.
   *
   * @param inputs the values, taken apart
   * @param values the same as they were given
   */
  static QueryReads find(Query query, Inputs inputs, List<?> values, PullEngine pulls) {
    ReadsFinder finder = new ReadsFinder(inputs, pulls);
    try {
      finder.add(query.body(), inputs);
      query.find().elements().forEach(finder::addPull);
      values.forEach(finder::addNames);
    } catch (QueryException e) {
      finder.reads.watchEverything();
      finder.reads.watchLocalIds();
    }
    return finder.reads;
  }

  private void add(Body body, Inputs around) {
    for (Clause clause : body.where()) {
      if (clause instanceof Clause.Pattern pattern) {
        addPattern(pattern, around);
      } else if (clause instanceof Clause.Expression call) {
        addCall(call, around);
      } else if (clause instanceof Clause.Not not) {
        add(not.body(), Junction.of(not, around).inside(not.body(), around));
      } else if (clause instanceof Clause.Or or) {
        or.branches().forEach(branch -> add(branch, Junction.of(or, around).inside(branch, around)));
      } else if (clause instanceof Clause.RuleCall call) {
        addRule(call, around);
      }
    }
  }

  // Constants of one call say nothing about the others, so rules are looked at once for each source, without any.
  private void addRule(Clause.RuleCall call, Inputs around) {
    addConstants(call.arguments());
    Inputs plain = Junction.of(call, around).insideWithoutConstants(around);
    Source source = plain.sources().get(Query.DEFAULT_SOURCE);
    if (rules.computeIfAbsent(source, any -> new HashSet<>()).add(call.name())) {
      for (Body branch : plain.rules().find(call).branches()) {
        add(branch, plain.insideRule(branch, call.form()));
      }
    }
  }

  private void addPattern(Clause.Pattern pattern, Inputs around) {
    if (!(around.source(pattern.source(), pattern.form()) instanceof Source.Facts facts)) {
      return;
    }
    addConstants(pattern.terms());
    Places places = Places.of(pattern, facts, around, Places.Slots.OWN);
    if (places.attribute() != null) {
      if (!places.isImpossible()) {
        reads.watch(places.attribute().id(), (Long) places.constant(Places.E), places.constant(Places.V));
      }
    } else if (places.constant(Places.A) == null) {
      reads.watchEverything();
    }
  }

  private void addCall(Clause.Expression call, Inputs around) {
    addConstants(call.arguments());
    Source.Facts facts = null;
    for (Term argument : call.arguments()) {
      if (argument instanceof Term.SourceName name && around.source(name.name(), call.form()) instanceof Source.Facts f) {
        facts = f;
      }
    }
    String builtIn = builtIn(call);
    boolean byAttribute = BY_ATTRIBUTE.contains(builtIn);
    if (byAttribute && facts != null) {
      addAttributes(call, builtIn.equals("get-else") ? call.arguments().subList(2, 3)
          : call.arguments().subList(2, call.arguments().size()), facts);
    } else if (facts != null) {
      reads.watchEverything();
    } else if (call.output() != null && !PLAIN.contains(builtIn)) {
      addComputedNames();
    }
  }

  /** The name of the built-in function that is called, "" for any other: a program may register one of the same name. */
  private static String builtIn(Clause.Expression call) {
    Functions.Function known = Functions.find(call.function());
    return known != null && known.body() == call.body() ? known.name() : "";
  }

  private void addAttributes(Clause.Expression call, List<Term> names, Source.Facts facts) {
    for (Term name : names) {
      Long id = name instanceof Term.Constant constant ? facts.entities().find(constant.value()) : null;
      Attribute attribute = id == null ? null : facts.datoms().schema().attribute(id);
      if (attribute != null) {
        reads.watch(id, null, null);
        if (attribute.valueType() == ValueType.TUPLE && call.output() != null) {
          addComputedNames();
        }
      } else if (name instanceof Term.Variable) {
        reads.watchEverything();
      }
    }
  }

  private void addPull(FindSpec.Element element) {
    if (element instanceof FindSpec.Pull pull
        && inputs.source(pull.source(), pull.form()) instanceof Source.Facts facts) {
      Object pattern = pull.pattern() instanceof Symbol name ? inputs.patterns().get(name) : pull.pattern();
      Set<Long> attributes = pulls.attributes(pattern, facts.datoms().schema());
      if (attributes == null) {
        reads.watchEverything();
      } else {
        attributes.forEach(attribute -> reads.watch(attribute, null, null));
      }
    }
  }

  // ---- names: what a lookup ref or a local id stands for can become another entity

  private void addConstants(List<Term> terms) {
    for (Term term : terms) {
      if (term instanceof Term.Constant constant) {
        addNames(constant.value());
      }
    }
  }

  private void addNames(Object value) {
    if (value instanceof EntityId id) {
      // Whatever it stands for now: a pending transaction may have found it to be an entity that is there already.
      if (id.isLocal()) {
        reads.watchLocalIds();
      }
    } else if (value instanceof LookupRef ref) {
      addLookup(ref.attribute(), ref.value());
    } else if (value instanceof List<?> list && list.size() == 2) {
      addLookup(list.get(0), list.get(1));
    } else if (value instanceof Collection<?> several) {
      several.forEach(this::addNames);
    } else if (value instanceof Object[] several) {
      Arrays.asList(several).forEach(this::addNames);
    } else if (value instanceof Map<?, ?> map) {
      map.forEach(this::addLookup);
    }
  }

  /** Two values that may be a lookup ref, and may each hold others. */
  private void addLookup(Object first, Object second) {
    if (first instanceof Keyword || first instanceof Long) {
      for (Source source : inputs.sources().values()) {
        Attribute attribute = source instanceof Source.Facts facts ? attribute(facts, first) : null;
        if (attribute != null && attribute.unique() != Unique.NONE) {
          reads.watch(attribute.id(), null, null);
        }
      }
    } else {
      addNames(first);
    }
    addNames(second);
  }

  private static Attribute attribute(Source.Facts facts, Object name) {
    Long id = facts.entities().find(name);
    return id == null ? null : facts.datoms().schema().attribute(id);
  }

  private void addComputedNames() {
    for (Source source : inputs.sources().values()) {
      if (source instanceof Source.Facts facts) {
        facts.datoms().schema().attributes().stream()
            .filter(attribute -> attribute.unique() != Unique.NONE)
            .forEach(attribute -> reads.watch(attribute.id(), null, null));
      }
    }
  }
}
