package dev.rebasis.client.conform;

import dev.rebasis.client.conform.Side.Outcome;
import dev.rebasis.data.Bytes;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.data.Unique;
import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/**
 * The differences from Datomic that docs/differences.md names, recognised in generated cases and counted. Each is recognised
 * by what makes it one, so that another fault in the same case is not hidden, and may explain a small share of the cases
 * only, so that a fault which looks like it is not hidden either. Thread-safe.
 */
final class KnownDifferences {
  /** A difference that generated cases meet. */
  enum Known {
    EQUAL_BYTES("Equal bytes", 1),
    PARTS_OF_COMPOSITES("Parts of composite tuples", 1),
    UPSERTS("Upserts by way of others", 1),
    CODES("Codes", 2),
    ABSENT_ENTITIES("Entities that are not there", 4),
    CIRCLES("More is taken", 1),
    FORGOTTEN_CLAUSES("Forgotten clauses", 16);

    private final String heading;
    private final int perThousand;

    /**
     * A difference.
     *
     * @param heading in docs/differences.md
     * @param perThousand the most cases that it may explain
     */
    Known(String heading, int perThousand) {
      this.heading = heading;
      this.perThousand = perThousand;
    }

    String heading() {
      return heading;
    }
  }

  private static final Keyword DATOMS_CONFLICT = Keyword.of(":db.error/datoms-conflict");
  private static final Keyword UNIQUE_CONFLICT = Keyword.of(":db.error/unique-conflict");
  private static final Keyword NOT_AN_ENTITY = Keyword.of(":db.error/not-an-entity");
  private static final Keyword ENTITY = Keyword.of(":entity");
  // In a short run some may come together.
  private static final int FEW = 5;
  private static final String TWO_ENTITIES = "An upsert can mean one entity only";

  private final Map<Known, LongAdder> counts = new EnumMap<>(Known.class);

  KnownDifferences() {
    for (Known known : Known.values()) {
      counts.put(known, new LongAdder());
    }
  }

  /** How many cases each explained. */
  @Override
  public String toString() {
    return counts.toString();
  }

  /** Those that explained more than they may, of a number of cases. */
  List<String> excesses(long cases) {
    return counts.entrySet().stream().filter(entry -> entry.getValue().sum() > FEW
        && entry.getValue().sum() * 1_000 > entry.getKey().perThousand * cases)
        .map(entry -> entry.getKey().heading + ": " + entry.getValue() + " of " + cases + " cases, at most "
            + entry.getKey().perThousand + " in a thousand").toList();
  }

  /** Whether an outcome that differs is known. */
  boolean explains(Pair pair, List<?> forms, Outcome here, Outcome there) {
    return noted(Known.EQUAL_BYTES, isConfusedByBytes(here, there))
        || noted(Known.PARTS_OF_COMPOSITES, isPartOfComposite(here, there))
        || noted(Known.UPSERTS, isJoinedInAnOrderThatDatomicRefuses(pair, here, there) || isOneOfTwo(here, there))
        || noted(Known.CODES, isOneOfSeveral(pair, forms, here, there));
  }

  /** Datomic takes two equal byte arrays for different values, so that a fact said twice contradicts itself. */
  private static boolean isConfusedByBytes(Outcome here, Outcome there) {
    return here.isAccepted() && DATOMS_CONFLICT.equals(there.code()) && there.error().contains(" :d/xbytes ")
        || there.isAccepted() && DATOMS_CONFLICT.equals(here.code()) && here.error().contains("In one transaction :d/xbytes ");
  }

  /** Datomic knows the parts of a composite tuple by the names that they had when it was made. */
  private static boolean isPartOfComposite(Outcome here, Outcome there) {
    return there.isAccepted() && !here.isAccepted()
        && here.error().contains("a composite tuple and its parts must have cardinality one");
  }

  /** Two tempids that mean one existing entity, of which one only knows by way of the other: by a key that is new. */
  private static boolean isJoinedInAnOrderThatDatomicRefuses(Pair pair, Outcome here, Outcome there) {
    if (!here.isAccepted() || !DATOMS_CONFLICT.equals(there.code()) && !UNIQUE_CONFLICT.equals(there.code())) {
      return false;
    }
    Set<Long> once = new HashSet<>();
    return here.tempids().values().stream().anyMatch(e -> !once.add(e)
        && pair.database().datoms(IndexOrder.EAVT, e).iterator().hasNext()
        && here.datoms().stream().anyMatch(datom -> datom.e() == e && datom.added() && isUnique(pair, datom)));
  }

  private static boolean isUnique(Pair pair, Datom datom) {
    return pair.database().attribute(datom.a()).unique() != Unique.NONE;
  }

  /** A tempid with keys of two entities: Datomic chooses the last, which works if the other gives up its key. */
  private static boolean isOneOfTwo(Outcome here, Outcome there) {
    return there.isAccepted() && !here.isAccepted() && here.error().contains(TWO_ENTITIES)
        && there.datoms().stream().filter(datom -> !datom.added()).anyMatch(old -> there.datoms().stream()
            .anyMatch(moved -> moved.added() && moved.a() == old.a() && moved.v().equals(old.v()) && moved.e() != old.e()));
  }

  /**
   * Several faults, of which Datomic names another first: with one form less, or in one form or a part of it alone, both
   * name the one that Datomic names.
   */
  private static boolean isOneOfSeveral(Pair pair, List<?> forms, Outcome here, Outcome there) {
    if (here.isAccepted() || there.isAccepted()) {
      return false;
    }
    if (DATOMS_CONFLICT.equals(there.code()) && UNIQUE_CONFLICT.equals(here.code()) && here.error().contains(TWO_ENTITIES)) {
      return true; // which it is depends on the entity that Datomic chose for a tempid with keys of two
    }
    return parts(forms).stream().anyMatch(part -> pair.agreesOnCode(part, there.code()));
  }

  private static List<List<?>> parts(List<?> forms) {
    List<List<?>> parts = new ArrayList<>();
    for (int i = 0; i < forms.size() && forms.size() > 1; i++) {
      List<Object> fewer = new ArrayList<>(forms);
      fewer.remove(i);
      parts.add(fewer);
      parts.add(List.of(forms.get(i)));
    }
    for (Object form : forms) {
      if (form instanceof Map<?, ?> map) {
        map.keySet().forEach(key -> parts.add(List.of(Case.without(map, key))));
      }
    }
    return parts;
  }

  /** Whether a refusal here of what Datomic answers is known: an input names no entity in Datomic either. */
  boolean explainsRefusal(Pair pair, List<?> question, RebasisException refusal) {
    return noted(Known.ABSENT_ENTITIES, isAboutAnAbsentEntity(pair, question, refusal));
  }

  /** Whether a code that differs is known: the question has another fault, but an input names no entity. */
  boolean explainsCodes(Pair pair, List<?> question, RebasisException refusal) {
    return noted(Known.ABSENT_ENTITIES, isAboutAnAbsentEntity(pair, question, refusal));
  }

  private static boolean isAboutAnAbsentEntity(Pair pair, List<?> question, RebasisException refusal) {
    Object named = refusal.data().get(ENTITY);
    return Questions.isQuery(question) && NOT_AN_ENTITY.equals(refusal.code()) && named != null
        && mentions(question, named) && pair.theirs().isAbsent(question, named);
  }

  private static boolean mentions(Object form, Object named) {
    Object plain = form instanceof LookupRef ref ? List.of(ref.attribute(), ref.value()) : form;
    return plain.equals(named instanceof LookupRef ref ? List.of(ref.attribute(), ref.value()) : named)
        || plain instanceof Map<?, ?> map && mentions(map.values(), named)
        || plain instanceof Collection<?> several && several.stream().anyMatch(element -> element != null && mentions(element, named));
  }

  /** Whether it is known that Datomic refuses the question, where the client answers: components in a circle. */
  boolean explainsAnswer(List<?> question, Throwable refusal) {
    return noted(Known.CIRCLES, refusal instanceof StackOverflowError && !Questions.isQuery(question));
  }

  /**
   * Whether it is known that the answers differ: Datomic's repeats bytes, or contradicts its own answer to the same question
   * with all variables asked for, and ours agrees with the latter: it has forgotten a clause.
   */
  boolean explainsDifference(Pair pair, List<?> question, Object his, Object here, Map<Long, Long> ids) {
    if (!Questions.isQuery(question)) {
      return false;
    }
    QueryForm query = QueryForm.of(question.get(1));
    if (noted(Known.EQUAL_BYTES, query.isCollection() && isRepeatedBytes(his, here))) {
      return true;
    }
    List<Object> full = new ArrayList<>(question);
    full.set(1, query.full());
    List<Object> plain = new ArrayList<>(question);
    plain.set(1, query.plainRelation());
    int size = query.plainColumns().size();
    Set<Object> rows;
    try {
      rows = rows(pair.theirs().answer(full), size, Map.of());
      if (rows.equals(rows(pair.theirs().answer(plain), size, Map.of()))) {
        return false; // nothing was forgotten, so what is made from the rows differs
      }
    } catch (Exception e) { // checked ones too, which Clojure does not declare
      return false;
    }
    return noted(Known.FORGOTTEN_CLAUSES, rows.equals(rows(pair.here(plain), size, ids)));
  }

  /** Datomic gives equal bytes several times. */
  private static boolean isRepeatedBytes(Object his, Object here) {
    return his instanceof Collection<?> theirs && here instanceof Collection<?> ours
        && theirs.stream().allMatch(Bytes.class::isInstance) && new HashSet<>(theirs).equals(new HashSet<>(ours))
        && new HashSet<>(ours).size() == ours.size();
  }

  private static Set<Object> rows(Object answer, int size, Map<Long, Long> ids) {
    Set<Object> rows = new HashSet<>();
    for (Object row : (Collection<?>) answer) {
      rows.add(new Canonical(ids).of(new ArrayList<>(((List<?>) row).subList(0, size))));
    }
    return rows;
  }

  private boolean noted(Known known, boolean explained) {
    if (explained) {
      counts.get(known).increment();
    }
    return explained;
  }
}
