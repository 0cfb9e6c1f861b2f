package dev.rebasis.client.conform;

import dev.rebasis.client.conform.Side.Outcome;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.data.Symbol;
import dev.rebasis.data.Unique;
import dev.rebasis.edn.EdnList;
import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/**
 * The differences from Datomic that docs/differences.md names, recognised in generated cases and counted. Each is recognised
 * by what makes it one, so that another fault in the same case is not hidden, and may explain a small share of the cases
 * only, so that a fault which looks like it is not hidden either. Thread-safe.
 */
final class KnownDifferences {
  /** A difference that generated cases meet. */
  enum Known {
    EQUAL_BYTES("Equal bytes", 1),
    EQUAL_NUMBERS("Equal numbers", 1),
    PARTS_OF_COMPOSITES("Parts of composite tuples", 1),
    UPSERTS("Upserts by way of others", 1),
    CODES("Codes", 2),
    BARE_EXCEPTIONS("Codes", 25),
    BARE_FORMS("Codes", 1),
    ABSENT_ENTITIES("Entities that are not there", 2),
    CIRCLES("More is taken", 1),
    MEDIANS("More is taken", 1),
    ONE_ROW("One row", 1),
    FORGOTTEN_CLAUSES("Forgotten clauses", 10);

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
  private static final Keyword FUNCTION_FAILED = Keyword.of(":rebasis.error/query-function-failed");
  private static final Symbol MEDIAN = Symbol.of("median");
  private static final Keyword INTERNAL = Keyword.of(":rebasis.error/internal");
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
        || noted(Known.UPSERTS, isJoinedInAnOrderThatDatomicRefuses(pair, forms, here, there) || isOneOfTwo(here, there))
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
  private static boolean isJoinedInAnOrderThatDatomicRefuses(Pair pair, List<?> forms, Outcome here, Outcome there) {
    if (!here.isAccepted() || !DATOMS_CONFLICT.equals(there.code()) && !UNIQUE_CONFLICT.equals(there.code())) {
      return false;
    }
    // Maps without an id are not among the tempids: of these the forms have the new key twice.
    return here.datoms().stream().anyMatch(datom -> datom.added() && isUnique(pair, datom)
        && (Collections.frequency(here.tempids().values(), datom.e()) > 1 || FormParts.count(forms, datom.v()) > 1)
        && pair.database().datoms(IndexOrder.EAVT, datom.e()).iterator().hasNext());
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
   * Several faults, of which Datomic names another first. Both must be there on both sides: in some part of the forms both
   * name the fault that Datomic names, in another both name the one that is named here.
   */
  private static boolean isOneOfSeveral(Pair pair, List<?> forms, Outcome here, Outcome there) {
    if (here.isAccepted() || there.isAccepted() || there.code() == null) {
      return false;
    }
    if (DATOMS_CONFLICT.equals(there.code()) && UNIQUE_CONFLICT.equals(here.code()) && here.error().contains(TWO_ENTITIES)) {
      return true; // which it is depends on the entity that Datomic chose for a tempid with keys of two
    }
    List<List<?>> parts = FormParts.of(forms);
    return parts.stream().anyMatch(part -> pair.agreesOnCode(part, there.code()) || isKnownUpsert(pair, part, there.code()))
        && parts.stream().anyMatch(part -> pair.agreesOnCode(part, here.code()));
  }

  /** Whether Datomic's fault is that of tempids which it joins in some orders only. */
  private static boolean isKnownUpsert(Pair pair, List<?> part, Keyword code) {
    Outcome expected = pair.theirs().with(part);
    return code.equals(expected.code()) && isJoinedInAnOrderThatDatomicRefuses(pair, part, pair.tried(part), expected);
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

  /** Whether a refusal of a transaction is known for which Datomic has no code; there are few. */
  boolean explainsBareForms(Keyword here) {
    return noted(Known.BARE_FORMS, here != null && !INTERNAL.equals(here));
  }

  /** Whether a refusal of a question is known for which Datomic has no code: one that names the fault of which Datomic's text tells. */
  boolean explainsBareException(String there, Keyword here) {
    return noted(Known.BARE_EXCEPTIONS, BareFault.codes(there).contains(here));
  }

  /**
   * Whether it is known that Datomic refuses the question, where the client answers: components in a circle; a call that
   * fails, or an entity that is not there, beside an empty input or clauses that find nothing and share no variable with it;
   * or an aggregate that fails for rows which a forgotten clause had removed.
   */
  boolean explainsAnswer(Pair pair, List<?> question, Throwable refusal) {
    return Questions.isQuery(question) && aggregatesForgottenRows(pair, question)
        || noted(Known.MEDIANS, refusal instanceof ClassCastException && Questions.isQuery(question)
            && QueryForm.of(question.get(1)).part(QueryForm.FIND).stream()
                .anyMatch(element -> element instanceof EdnList call && MEDIAN.equals(call.get(0))))
        || noted(Known.CIRCLES, refusal instanceof StackOverflowError && !Questions.isQuery(question))
        || noted(Known.FORGOTTEN_CLAUSES, Questions.isQuery(question) && failsInAPart(pair, question))
        || noted(Known.ONE_ROW, Questions.isQuery(question) && failsForAllRows(pair, question));
  }

  /** Whether Datomic makes an aggregate from other rows than there are, for which explainsDifference has a reason. */
  private boolean aggregatesForgottenRows(Pair pair, List<?> question) {
    QueryForm query = QueryForm.of(question.get(1));
    if (query.plainColumns().equals(query.columns())) {
      return false;
    }
    List<Object> plain = new ArrayList<>(question);
    plain.set(1, query.plainRelation());
    try {
      Object his = new Canonical(Map.of()).of(pair.theirs().answer(plain));
      Object here = new Canonical(pair.ids()).of(pair.here(plain));
      return !Canonical.counted(his).equals(Canonical.counted(here)) && explainsDifference(pair, plain, his, here, pair.ids());
    } catch (Exception e) { // checked ones too, which Clojure does not declare
      return false;
    }
  }

  /** Whether one row is asked for, and a call fails for another. */
  private static boolean failsForAllRows(Pair pair, List<?> question) {
    QueryForm query = QueryForm.of(question.get(1));
    List<Object> all = new ArrayList<>(question);
    all.set(1, query.relation());
    return (query.isTuple() || query.isScalar()) && isRefused(pair, all, Set.of(FUNCTION_FAILED));
  }

  private static boolean isRefused(Pair pair, List<?> question, Set<Keyword> codes) {
    try {
      pair.here(question);
      return false;
    } catch (RebasisException e) {
      return codes.contains(e.code());
    }
  }

  /**
   * Whether the client refuses some of the clauses too where they are asked alone: those that are joined by variables with one of them,
   * and the inputs that they use. Datomic evaluates them though others have found nothing, or an input is empty.
   */
  private static boolean failsInAPart(Pair pair, List<?> question) {
    QueryForm query = QueryForm.of(question.get(1));
    List<Object> joinable = new ArrayList<>(query.part(QueryForm.WHERE));
    joinable.addAll(query.part(QueryForm.IN));
    return query.part(QueryForm.WHERE).stream().map(clause -> joined(clause, joinable)).distinct()
        .anyMatch(asked -> failsAlone(pair, question, query, asked));
  }

  private static boolean failsAlone(Pair pair, List<?> question, QueryForm query, Set<String> asked) {
    List<Object> inputs = new ArrayList<>();
    List<Object> fewer = new ArrayList<>(List.of(question.get(0), List.of()));
    for (int i = 0; i < Math.min(query.part(QueryForm.IN).size(), question.size() - 2); i++) {
      Object binding = query.part(QueryForm.IN).get(i);
      if (variables(binding).isEmpty() || !Collections.disjoint(variables(binding), asked)) {
        inputs.add(binding);
        fewer.add(question.get(i + 2));
      }
    }
    List<Object> where = query.part(QueryForm.WHERE).stream().filter(clause -> !Collections.disjoint(variables(clause), asked)).toList();
    // Not every variable can be asked for: some are those of a nested query, or of a not.
    return asked.stream().anyMatch(variable -> {
      fewer.set(1, QueryForm.of(QueryForm.of(List.of(QueryForm.FIND, Symbol.of(variable))).with(QueryForm.IN, inputs))
          .with(QueryForm.WHERE, where));
      return isRefused(pair, fewer, Set.of(FUNCTION_FAILED, NOT_AN_ENTITY));
    });
  }

  /** The variables of a form, and those that come to them by way of other forms. */
  private static Set<String> joined(Object form, List<Object> forms) {
    Set<String> joined = new HashSet<>(variables(form));
    int before;
    do {
      before = joined.size();
      forms.stream().map(KnownDifferences::variables).filter(others -> !Collections.disjoint(others, joined)).forEach(joined::addAll);
    } while (joined.size() > before);
    return joined;
  }

  private static Set<String> variables(Object form) {
    if (form instanceof Collection<?> parts) {
      return parts.stream().flatMap(part -> variables(part).stream()).collect(Collectors.toSet());
    }
    return form instanceof Symbol symbol && symbol.toString().startsWith("?") ? Set.of(symbol.toString()) : Set.of();
  }

  /**
   * Whether it is known that the answers differ: Datomic's repeats bytes, or contradicts its own answer to the same question
   * with all variables asked for, and ours agrees with the latter: it has forgotten a clause.
   */
  boolean explainsDifference(Pair pair, List<?> question, Object theirs, Object here, Map<Long, Long> ids) {
    if (!Questions.isQuery(question)) {
      return false;
    }
    QueryForm query = QueryForm.of(question.get(1));
    if (noted(Known.EQUAL_BYTES, EqualValues.isRepeatedBytes(theirs, here))) {
      return true;
    }
    if (noted(Known.EQUAL_NUMBERS, EqualValues.isSameButForEqualNumbers(pair, question, query, ids))) {
      return true;
    }
    List<Object> full = new ArrayList<>(question);
    full.set(1, query.full());
    List<Object> plain = new ArrayList<>(question);
    plain.set(1, query.plainRelation());
    int size = query.plainColumns().size();
    Set<Object> rows;
    try {
      Set<Object> his = EqualValues.rows(pair.theirs().answer(plain), size, Map.of());
      if (noted(Known.EQUAL_BYTES, !his.isEmpty() && his.equals(EqualValues.rows(pair.here(plain), size, ids))
          && EqualValues.countsBytesTwice(pair, question, query, his))) {
        return true; // what is made from the rows counts those that he has twice
      }
      rows = EqualValues.rows(pair.theirs().answer(full), size, Map.of());
      if (rows.equals(his)) {
        return noted(Known.FORGOTTEN_CLAUSES, findsLikeUsInAnotherOrder(pair, plain, size, his, ids));
      }
    } catch (Exception e) { // checked ones too, which Clojure does not declare
      return false;
    }
    return noted(Known.FORGOTTEN_CLAUSES, rows.equals(EqualValues.rows(pair.here(plain), size, ids)));
  }

  /** Whether Datomic finds other rows, which are ours, once a clause stands first that it had written later. */
  private static boolean findsLikeUsInAnotherOrder(
      Pair pair, List<Object> plain, int size, Set<Object> his, Map<Long, Long> ids) {
    Set<Object> here = EqualValues.rows(pair.here(plain), size, ids);
    QueryForm query = QueryForm.of(plain.get(1));
    for (int i = 1; i < query.part(QueryForm.WHERE).size() && !here.equals(his); i++) {
      List<Object> where = new ArrayList<>(query.part(QueryForm.WHERE));
      where.add(0, where.remove(i));
      List<Object> turned = new ArrayList<>(plain);
      turned.set(1, query.with(QueryForm.WHERE, where));
      try {
        if (EqualValues.rows(pair.theirs().answer(turned), size, Map.of()).equals(here)) {
          return true;
        }
      } catch (Exception e) { // in this order it cannot be asked; checked ones too, which Clojure does not declare
        continue;
      }
    }
    return false;
  }

  private boolean noted(Known known, boolean explained) {
    if (explained) {
      counts.get(known).increment();
    }
    return explained;
  }
}
