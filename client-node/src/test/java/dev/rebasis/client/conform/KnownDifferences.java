package dev.rebasis.client.conform;

import dev.rebasis.client.conform.Side.Outcome;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The differences from Datomic that docs/ name, recognised in generated cases and counted. Each is recognised by what
 * makes it one, so that another fault in the same case is not hidden. Thread-safe.
 */
final class KnownDifferences {
  private static final Keyword DATOMS_CONFLICT = Keyword.of(":db.error/datoms-conflict");
  private static final Keyword UNIQUE_CONFLICT = Keyword.of(":db.error/unique-conflict");
  private static final Keyword NOT_AN_ENTITY = Keyword.of(":db.error/not-an-entity");

  private final AtomicLong count = new AtomicLong();

  long count() {
    return count.get();
  }

  /** Whether an outcome that differs is known. */
  boolean explains(Pair pair, List<?> forms, Outcome here, Outcome there) {
    return noted(isConfusedByBytes(here, there) || isPartOfComposite(here, there) || isSchemaSaidAgain(here)
        || isJoinedInAnOrderThatDatomicRefuses(here, there) || isOneOfTwo(here, there)
        || isOneOfSeveral(pair, forms, here, there));
  }

  /** Datomic takes two equal byte arrays for different values, so that a fact said twice contradicts itself. */
  private static boolean isConfusedByBytes(Outcome here, Outcome there) {
    boolean theirs = DATOMS_CONFLICT.equals(there.code()) && there.error().contains(" :d/xbytes");
    return theirs || DATOMS_CONFLICT.equals(here.code()) && here.error().contains(":d/xbytes");
  }

  /** Datomic knows the parts of a composite tuple by the names that they had when it was made. */
  private static boolean isPartOfComposite(Outcome here, Outcome there) {
    return there.isAccepted() && !here.isAccepted()
        && here.error().contains("a composite tuple and its parts must have cardinality one");
  }

  /** Datomic drops a schema fact that stands already before it looks for contradictions; other facts it keeps. */
  private static boolean isSchemaSaidAgain(Outcome here) {
    return DATOMS_CONFLICT.equals(here.code()) && here.error().contains(" :db/");
  }

  /** Two tempids that mean one existing entity, of which one only knows by way of the other. */
  private static boolean isJoinedInAnOrderThatDatomicRefuses(Outcome here, Outcome there) {
    if (!here.isAccepted() || !DATOMS_CONFLICT.equals(there.code()) && !UNIQUE_CONFLICT.equals(there.code())) {
      return false;
    }
    Set<Long> existing = new HashSet<>();
    return here.tempids().values().stream().anyMatch(e -> !existing.add(e));
  }

  /** A tempid with keys of two entities: Datomic chooses the last, which works if the other gives up its key. */
  private static boolean isOneOfTwo(Outcome here, Outcome there) {
    return there.isAccepted() && !here.isAccepted() && here.error().contains("An upsert can mean one entity only");
  }

  /**
   * Several faults, of which Datomic names another first: with one form less, or in one form or a part of
   * it alone, both name it.
   */
  private static boolean isOneOfSeveral(Pair pair, List<?> forms, Outcome here, Outcome there) {
    if (here.isAccepted() || there.isAccepted()) {
      return false;
    }
    if (DATOMS_CONFLICT.equals(there.code()) && UNIQUE_CONFLICT.equals(here.code())) {
      return true; // which it is depends on the entity that Datomic chose for a tempid with keys of two
    }
    for (int i = 0; i < forms.size() && forms.size() > 1; i++) {
      List<Object> fewer = new ArrayList<>(forms);
      fewer.remove(i);
      if (pair.agreesOnCode(fewer, there.code()) || pair.agreesOnCode(List.of(forms.get(i)), there.code())) {
        return true;
      }
    }
    return forms.stream().anyMatch(form -> form instanceof Map<?, ?> map && map.keySet().stream()
        .anyMatch(key -> pair.agreesOnCode(List.of(Case.without(map, key)), there.code())));
  }

  /** Whether a refusal here of what Datomic answers is known: an input or clause names no entity. */
  boolean explainsRefusal(Pair pair, List<?> question, RebasisException refusal) {
    return noted(Questions.isQuery(question) && NOT_AN_ENTITY.equals(refusal.code()));
  }

  /** Whether a code that differs is known: the question has another fault, but an input names no entity. */
  boolean explainsCodes(List<?> question, RebasisException refusal) {
    return noted(Questions.isQuery(question) && NOT_AN_ENTITY.equals(refusal.code()));
  }

  /** Whether it is known that Datomic refuses the question, where the client answers. */
  boolean explainsAnswer(List<?> question, Throwable refusal) {
    return noted(refusal instanceof StackOverflowError && !Questions.isQuery(question)); // components in a circle
  }

  /**
   * Whether Datomic's answer contradicts its own answer to the same question with all variables asked for, and ours
   * agrees with the latter: it has forgotten a clause.
   */
  boolean explainsDifference(Pair pair, List<?> question, Object actual, Map<Long, Long> ids) {
    if (!Questions.isQuery(question)) {
      return false;
    }
    QueryForm query = QueryForm.of(question.get(1));
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
    return noted(rows.equals(rows(pair.here(plain), size, ids)));
  }

  private static Set<Object> rows(Object answer, int size, Map<Long, Long> ids) {
    Set<Object> rows = new HashSet<>();
    for (Object row : (Collection<?>) answer) {
      rows.add(new Canonical(ids).of(new ArrayList<>(((List<?>) row).subList(0, size))));
    }
    return rows;
  }

  private boolean noted(boolean known) {
    if (known) {
      count.incrementAndGet();
    }
    return known;
  }

}
