package dev.rebasis.simulations.workload;

import dev.rebasis.client.Database;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Any operations on a schema that somebody gives, and operations of which its attributes say how they must end: counters are
 * raised and end at the sum, sets are added to and end at the union, wholes are made with parts and no part outlives its whole, a
 * unique value has one holder. These have entities of their own, which nothing else writes. Immutable; thread-safe.
 */
final class GivenSchema extends FreeForm {
  private static final int COUNTING = 7;
  private static final int WHOLE = 8;
  private static final Set<String> UNIONS = Set.of("add-wins", "union");
  private static final Set<String> KEYLESS = Set.of("boolean", "bytes", "ref", "tuple");

  private final List<List<?>> vectors;
  private final List<FreeAttribute> counters = new ArrayList<>();
  private final List<FreeAttribute> sets = new ArrayList<>();
  private final List<FreeAttribute> wholes = new ArrayList<>();
  private final List<FreeAttribute> uniques = new ArrayList<>();
  private final FreeAttribute key;

  /**
   * Works on a schema.
   *
   * @param vectors the transactions that install it, in order
   */
  GivenSchema(List<List<?>> vectors) {
    super("schema", "any operations on a given schema", vectors.stream().<Object>flatMap(List::stream).toList());
    this.vectors = List.copyOf(vectors);
    FreeAttribute found = null;
    for (Object form : schema()) {
      FreeAttribute attribute = FreeAttribute.of(form);
      if (attribute == null) {
        continue;
      }
      found = found == null && attribute.identity() && !KEYLESS.contains(attribute.type()) ? attribute : found;
      sort(attribute);
    }
    key = found;
  }

  private void sort(FreeAttribute attribute) {
    if (attribute.unique() && !attribute.type().equals("bytes")) {
      uniques.add(attribute);
    } else if (attribute.policy().equals("counter") && attribute.type().equals("long")) {
      counters.add(attribute);
    } else if (attribute.many() && attribute.component()) {
      wholes.add(attribute);
    } else if (attribute.many() && UNIONS.contains(attribute.policy()) && !KEYLESS.contains(attribute.type())) {
      sets.add(attribute);
    }
  }

  @Override
  public List<List<?>> installation() {
    return vectors;
  }

  @Override
  public List<String> kinds() {
    List<String> kinds = new ArrayList<>(super.kinds());
    if (key != null) {
      addIf(kinds, !counters.isEmpty(), "raise");
      addIf(kinds, !sets.isEmpty(), "gather");
      addIf(kinds, !wholes.isEmpty(), "assemble", "dismantle");
    }
    return kinds;
  }

  /** What must come out as a sum or a union would not, under another policy or with another number of values. */
  @Override
  public Alterable alterable(Keyword attribute) {
    String ident = attribute.toString();
    boolean settled = counters.stream().anyMatch(each -> each.ident().equals(ident))
        || sets.stream().anyMatch(each -> each.ident().equals(ident)) || wholes.stream().anyMatch(each -> each.ident().equals(ident));
    return settled && key != null ? Alterable.NAMES : Alterable.EVERYTHING;
  }

  @Override
  public Set<String> policies(String kind) {
    return switch (kind) {
      case "raise" -> Set.of("counter");
      default -> super.policies(kind);
    };
  }

  @Override
  public String argument(String kind, RandomGenerator random, Made made) {
    return switch (kind) {
      case "raise" -> "[" + pick(counters, random).ident() + " " + (1 + random.nextInt(9)) + "]";
      case "gather" -> {
        FreeAttribute set = pick(sets, random);
        yield "[" + set.ident() + " " + set.value(random) + "]";
      }
      case "assemble" -> "[" + pick(wholes, random).ident() + " " + random.nextInt(3) + "]";
      case "dismantle" -> "[]";
      default -> super.argument(kind, random, made);
    };
  }

  @Override
  public Object forms(String kind, String argument, Database db) {
    return switch (kind) {
      case "raise" -> {
        List<?> raise = (List<?>) Edn.read(argument);
        Long before = Reads.one(db, key.ident(), counting(), raise.get(0).toString());
        yield List.of(entity(key.value(COUNTING), raise.get(0), (before == null ? 0 : before) + (Long) raise.get(1)));
      }
      case "gather" -> {
        List<?> addition = (List<?>) Edn.read(argument);
        yield List.of(entity(key.value(COUNTING), addition.get(0), List.of(addition.get(1))));
      }
      case "assemble" -> {
        Object whole = ((List<?>) Edn.read(argument)).get(0);
        yield List.of(entity(key.value(WHOLE), whole, List.of(Map.of(Keyword.of(":db/doc"), partOf(whole)))));
      }
      case "dismantle" -> Reads.one(db, key.ident(), Edn.read(key.value(WHOLE)), key.ident()) == null ? null
          : "[[:db/retractEntity [" + key.ident() + " " + key.value(WHOLE) + "]]]";
      default -> super.forms(kind, argument, db);
    };
  }

  /** What an operation is judged by: a sum, or one value of a set. */
  private static List<?> place(Committed operation) {
    return switch (operation.kind()) {
      case "raise" -> ((List<?>) Edn.read(operation.argument())).subList(0, 1);
      case "gather" -> (List<?>) Edn.read(operation.argument());
      default -> List.of();
    };
  }

  private Object counting() {
    return Edn.read(key.value(COUNTING));
  }

  private Map<Object, Object> entity(String name, Object attribute, Object value) {
    Map<Object, Object> form = new LinkedHashMap<>();
    form.put(Keyword.of(key.ident()), Edn.read(name));
    form.put(attribute, value);
    return form;
  }

  private static String partOf(Object attribute) {
    return "part of " + attribute;
  }

  @Override
  public List<String> wrong(Database db) {
    List<String> wrong = new ArrayList<>();
    if (key != null) {
      for (FreeAttribute whole : wholes) {
        Collection<?> orphans = (Collection<?>) db.q("[:find ?p :where [?p :db/doc \"" + partOf(whole.ident()) + "\"] (not [_ "
            + whole.ident() + " ?p])]");
        orphans.forEach(part -> wrong.add("the " + partOf(whole.ident()) + " " + part + " belongs to nothing"));
      }
    }
    for (FreeAttribute unique : uniques) {
      Collection<?> shared = (Collection<?>) db.q("[:find ?v :where [?a " + unique.ident() + " ?v] [?b " + unique.ident()
          + " ?v] [(< ?a ?b)]]");
      shared.forEach(value -> wrong.add("more than one entity has " + value + " as " + unique.ident()));
    }
    return wrong;
  }

  @Override
  public boolean judgesUncertain() {
    return true;
  }

  @Override
  public List<String> judge(List<Committed> committed, Database db) {
    Map<String, Long> sums = new LinkedHashMap<>();
    // Of what somebody took back, made again, read off a forgotten value or may have written, the sum or the value is left out.
    Set<List<?>> doubtful = new HashSet<>();
    committed.stream().filter(each -> !each.isSure()).forEach(each -> doubtful.add(place(each)));
    List<String> wrong = new ArrayList<>();
    for (Committed operation : committed) {
      if (doubtful.contains(place(operation))) {
        continue;
      }
      if (operation.kind().equals("raise")) {
        List<?> raise = (List<?>) Edn.read(operation.argument());
        sums.merge(raise.get(0).toString(), (Long) raise.get(1), Long::sum);
      } else if (operation.kind().equals("gather")) {
        List<?> addition = (List<?>) Edn.read(operation.argument());
        if (!Reads.all(db, key.ident(), counting(), addition.get(0).toString()).contains(addition.get(1))) {
          wrong.add(addition.get(0) + " lacks " + addition.get(1) + ", which was added and never taken away");
        }
      }
    }
    sums.forEach((attribute, sum) -> {
      Long value = Reads.one(db, key.ident(), counting(), attribute);
      if (!sum.equals(value)) {
        wrong.add(attribute + " is " + value + "; the committed steps add up to " + sum);
      }
    });
    return wrong;
  }
}
