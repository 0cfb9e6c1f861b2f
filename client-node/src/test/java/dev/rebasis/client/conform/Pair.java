package dev.rebasis.client.conform;

import dev.rebasis.client.Database;
import dev.rebasis.client.internal.query.QueryReads;
import dev.rebasis.client.conform.Side.CaseException;
import dev.rebasis.client.conform.Side.Outcome;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.SystemIds;
import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Datomic and the client with the same transactions behind them; says where they differ. Confined to one thread.
 */
final class Pair implements AutoCloseable {
  /** What is different: the kind stays when a case is made smaller. */
  enum Kind { REFUSED_HERE, REFUSED_THERE, CODES, DATOMS, ANSWERS }

  /**
   * A difference.
   *
   * @param codes the codes of refusals, of which a smaller case has the same
   */
  record Difference(Kind kind, String text, List<Keyword> codes) {
    Difference(Kind kind, String text) {
      this(kind, text, List.of());
    }

    boolean isLike(Difference other) {
      return kind == other.kind && codes.equals(other.codes);
    }
  }

  private static final int BRIEF_MAX = 1_000;

  private final Ours ours;
  private final Theirs theirs;
  private final KnownDifferences known;
  private final UnaryOperator<Object> fault;
  private final Map<Long, Long> toTheirs = new HashMap<>();
  private boolean hadContent;
  private String lastOutcome;

  private Pair(Ours ours, Theirs theirs, KnownDifferences known, UnaryOperator<Object> fault) {
    this.ours = ours;
    this.theirs = theirs;
    this.known = known;
    this.fault = fault;
  }

  /**
   * Opens two empty databases.
   *
   * @param pending whether the client has no server, or has everything confirmed
   * @param known tells and counts the known differences
   * @param fault changes the client's answers, to see whether that is noticed
   */
  static Pair open(boolean pending, KnownDifferences known, UnaryOperator<Object> fault) {
    if (pending) {
      return new Pair(new PendingSide(), new Theirs(), known, fault);
    }
    ConfirmedSide side = new ConfirmedSide();
    return new Pair(side, side.theirs(), known, fault);
  }

  Theirs theirs() {
    return theirs;
  }

  /** Whether the last question was refused by Datomic or got more than an empty answer. */
  boolean hadContent() {
    return hadContent;
  }

  /** What became of the last transaction on both sides, where they agreed: {@code :ok} or the client's code. */
  String lastOutcome() {
    return lastOutcome;
  }

  /** The client's database. */
  Database database() {
    return ours.db();
  }

  /** What the client would do with the forms. */
  Outcome tried(List<?> forms) {
    return ours.with(forms);
  }

  /** Datomic's answer. */
  Object there(List<?> question) {
    return theirs.answer(question);
  }

  /** A value of the client's with Datomic's ids, in a form that can be compared. */
  Object translated(Object value) {
    return new Canonical(toTheirs).of(value);
  }

  /** The client's answer. */
  Object here(List<?> question) {
    return fault.apply(ours.answer(question));
  }

  /** What the client's answer can depend on. */
  QueryReads reads(List<?> question) {
    return ours.reads(question);
  }

  /** The datoms that the client tried for the last question. */
  List<Datom> triedHere() {
    return ours.tried().stream().flatMap(tried -> tried.datoms().stream()).toList();
  }

  boolean hasTheirIds() {
    return ours.hasTheirIds();
  }

  /** Transacts on both sides if both accept it; null if they do the same. */
  Difference transact(List<?> forms) {
    Outcome tried = ours.with(forms);
    Outcome expected = theirs.with(forms);
    lastOutcome = tried.isAccepted() ? ":ok" : tried.code().toString();
    if (!tried.isAccepted() || !expected.isAccepted()) {
      return refusal(forms, tried, expected);
    }
    Outcome outcome = theirs.transact(forms);
    Outcome committed = ours.commit(forms, tried, outcome);
    Map<Long, Long> ids = new HashMap<>(toTheirs);
    Difference difference = match(ours.hasTheirIds() ? tried : committed, outcome, ids);
    if (!ours.hasTheirIds()) {
      toTheirs.putAll(ids);
    }
    return difference;
  }

  private Difference refusal(List<?> forms, Outcome tried, Outcome expected) {
    Kind kind = tried.isAccepted() ? Kind.REFUSED_THERE : expected.isAccepted() ? Kind.REFUSED_HERE : Kind.CODES;
    boolean same = kind == Kind.CODES && (expected.code() == null || expected.code().equals(tried.code()));
    return same || known.explains(this, forms, tried, expected) ? null : new Difference(kind,
        "Datomic: " + (expected.isAccepted() ? "accepted, " + expected.datoms() : expected.error())
            + "\nRebasis: " + (tried.isAccepted() ? "accepted, " + tried.datoms() : tried.error()),
        codes(expected.code(), tried.code()));
  }

  private static List<Keyword> codes(Keyword there, Keyword here) {
    return Stream.of(there, here).filter(Objects::nonNull).toList();
  }

  /** Whether both refuse the forms with one code. */
  boolean agreesOnCode(List<?> forms, Keyword code) {
    Outcome expected = theirs.with(forms);
    return code.equals(expected.code()) && code.equals(ours.with(forms).code());
  }

  /** Adds to the ids what the outcomes tell, and says how they differ. */
  private Difference match(Outcome mine, Outcome expected, Map<Long, Long> ids) {
    for (Map.Entry<String, Long> tempid : mine.tempids().entrySet()) {
      Long his = expected.tempids().get(tempid.getKey());
      if (his != null && tempid.getValue() < 0) {
        ids.putIfAbsent(tempid.getValue(), his);
      }
      if (his != null && !his.equals(ids.getOrDefault(tempid.getValue(), tempid.getValue()))) {
        return new Difference(Kind.DATOMS, "The tempid " + tempid.getKey() + " is " + his + " in Datomic, and "
            + tempid.getValue() + " here, which is " + ids.get(tempid.getValue()));
      }
    }
    matchUnnamed(mine, expected, ids, true);
    matchUnnamed(mine, expected, ids, false);
    Canonical translated = new Canonical(ids);
    Set<Object> his = new HashSet<>();
    expected.datoms().stream().filter(Pair::isCompared).forEach(datom -> his.add(new Canonical(Map.of()).of(datom)));
    Set<Object> here = new HashSet<>();
    mine.datoms().stream().filter(Pair::isCompared).forEach(datom -> here.add(translated.of(datom)));
    return his.equals(here) ? null : new Difference(Kind.DATOMS, "Only in Datomic: " + without(his, here)
        + "\nonly here: " + without(here, his));
  }

  private static Set<Object> without(Set<Object> all, Set<Object> others) {
    Set<Object> rest = new LinkedHashSet<>(all);
    rest.removeAll(others);
    return rest;
  }

  // Instants are the server's; an alteration is noted again in Datomic although it stands already.
  private static boolean isCompared(Datom datom) {
    return datom.a() != SystemIds.DB_TX_INSTANT && datom.a() != SystemIds.DB_ALTER_ATTRIBUTE;
  }

  /** Entities without a tempid are numbered on both sides in the order of the forms, attributes for themselves. */
  private static void matchUnnamed(Outcome mine, Outcome expected, Map<Long, Long> ids, boolean attributes) {
    Set<Long> here = new TreeSet<>(Comparator.reverseOrder());
    entities(mine, attributes).stream().filter(e -> e < 0 && !ids.containsKey(e)).forEach(here::add);
    Set<Long> there = new TreeSet<>(entities(expected, attributes));
    there.removeAll(new HashSet<>(ids.values()));
    there.removeAll(entities(mine, attributes));
    if (here.size() == there.size()) {
      List<Long> inOrder = new ArrayList<>(there);
      here.forEach(e -> ids.put(e, inOrder.remove(0)));
    }
  }

  private static Set<Long> entities(Outcome outcome, boolean attributes) {
    Set<Long> installed = new HashSet<>();
    outcome.datoms().stream().filter(d -> d.a() == SystemIds.DB_VALUE_TYPE).forEach(d -> installed.add(d.e()));
    Set<Long> all = new HashSet<>();
    outcome.datoms().stream().map(Datom::e).filter(e -> installed.contains(e) == attributes).forEach(all::add);
    return all;
  }

  /** Asks both sides; null if they answer alike. */
  Difference ask(List<?> question) {
    Object expected;
    Keyword code = null;
    Throwable refusal = null;
    hadContent = true;
    try {
      expected = theirs.answer(asked(question));
      hadContent = expected != null && !(expected instanceof Collection<?> several && several.isEmpty());
    } catch (CaseException e) {
      throw e;
    } catch (Exception | AssertionError | StackOverflowError e) {
      // Clojure throws checked exceptions too, without declaring them; its assertions and endless recursions are errors.
      expected = null;
      refusal = e;
      code = Theirs.code(e);
    }
    Object actual;
    try {
      actual = here(question);
    } catch (RebasisException e) {
      if (refusal == null) {
        return known.explainsRefusal(this, question, e) ? null
            : new Difference(
                Kind.REFUSED_HERE, "Rebasis refuses: " + e + "\nDatomic: " + brief(expected), codes(null, e.code()));
      }
      return code == null || code.equals(e.code()) || known.explainsCodes(question, e) ? null
          : new Difference(
              Kind.CODES, "Datomic refuses: " + refusal + "\nRebasis refuses: " + e, codes(code, e.code()));
    }
    if (refusal != null) {
      return known.explainsAnswer(question, refusal) ? null
          : new Difference(
              Kind.REFUSED_THERE, "Datomic refuses: " + refusal + "\nRebasis: " + brief(actual), codes(code, null));
    }
    return compare(question, expected, actual);
  }

  private Difference compare(List<?> question, Object expected, Object actual) {
    Map<Long, Long> ids = new HashMap<>(toTheirs);
    for (int i = 0; i < theirs.tried().size(); i++) {
      Difference difference = match(ours.tried().get(i), theirs.tried().get(i), ids);
      if (difference != null) {
        return difference;
      }
    }
    Object his = new Canonical(Map.of()).of(expected);
    Object here = new Canonical(ids).of(actual);
    boolean same = Questions.isQuery(question) ? isSameAnswer(QueryForm.of(question.get(1)), his, here)
        : isSame(question, his, here);
    return same || known.explainsDifference(this, question, here, ids) ? null
        : new Difference(Kind.ANSWERS, "Datomic: " + brief(his) + "\nRebasis: " + brief(here) + onlyOnOneSide(his, here));
  }

  private static String onlyOnOneSide(Object his, Object here) {
    if (!(his instanceof Collection<?> there) || !(here instanceof Collection<?> ours)) {
      return "";
    }
    List<Object> missing = new ArrayList<>(there);
    ours.forEach(missing::remove);
    List<Object> added = new ArrayList<>(ours);
    there.forEach(added::remove);
    return "\nonly in Datomic: " + brief(missing) + "\nonly here: " + brief(added);
  }

  private boolean isSame(List<?> question, Object expected, Object actual) {
    boolean ordered = ours.hasTheirIds() && theirs.tried().isEmpty();
    if (expected == null || actual == null || ordered) {
      return expected == null ? actual == null : expected.equals(actual);
    }
    return Canonical.unordered(expected).equals(Canonical.unordered(actual));
  }

  /** A tuple or scalar is one row of many, and which is not said; so Datomic is asked for all. */
  private static List<?> asked(List<?> question) {
    if (!Questions.isQuery(question)) {
      return question;
    }
    QueryForm query = QueryForm.of(question.get(1));
    if (!query.isScalar() && !query.isTuple()) {
      return question;
    }
    List<Object> all = new ArrayList<>(question);
    all.set(1, query.relation());
    return all;
  }

  static boolean isSameAnswer(QueryForm query, Object expected, Object actual) {
    List<QueryForm.Choice> choices = query.choices();
    boolean bare = query.isCollection();
    Collection<?> rows = ((Collection<?>) expected).stream().map(row -> counted(row, choices, bare)).toList();
    if (query.isScalar() || query.isTuple()) {
      Object row = query.isScalar() && actual != null ? List.of(actual) : actual;
      return actual == null ? rows.isEmpty() || rows.contains(Collections.singletonList(null))
          : rows.contains(counted(row, choices, false));
    }
    return Canonical.counted(rows).equals(Canonical.counted(
        ((Collection<?>) actual).stream().map(row -> counted(row, choices, bare)).toList()));
  }

  /** The row with the number of what is chosen by chance in its place; a bare row is its only column. */
  private static Object counted(Object row, List<QueryForm.Choice> choices, boolean bare) {
    if (bare) {
      return counted(Collections.singletonList(row), choices, false);
    }
    if (!(row instanceof List<?> columns) || columns.size() != choices.size()) {
      return row;
    }
    List<Object> result = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      Object column = columns.get(i);
      result.add(switch (choices.get(i)) {
        case NONE -> column;
        case ONE -> "one";
        case SEVERAL -> ((Collection<?>) column).size();
      });
    }
    return result;
  }

  static String brief(Object answer) {
    String text = String.valueOf(answer);
    return text.length() <= BRIEF_MAX ? text : text.substring(0, BRIEF_MAX) + "...";
  }

  @Override
  public void close() {
    theirs.close();
    ours.close();
  }
}
