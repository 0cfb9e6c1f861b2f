package dev.rebasis.client.conform;

import dev.rebasis.client.Database;
import dev.rebasis.client.internal.query.QueryReads;
import dev.rebasis.client.conform.Side.CaseException;
import dev.rebasis.client.conform.Side.Outcome;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.RebasisException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
  private final Fault fault;
  private final Map<Long, Long> toTheirs;
  private final Expected[] last;
  private boolean hadContent;
  private boolean answered;
  private String lastOutcome;

  private Pair(Ours ours, Theirs theirs, KnownDifferences known, Fault fault) {
    this(ours, theirs, known, fault, new HashMap<>(), new Expected[1]);
  }

  private Pair(
      Ours ours, Theirs theirs, KnownDifferences known, Fault fault, Map<Long, Long> toTheirs, Expected[] last) {
    this.ours = ours;
    this.theirs = theirs;
    this.known = known;
    this.fault = fault;
    this.toTheirs = toTheirs;
    this.last = last;
  }

  /**
   * Opens two empty databases.
   *
   * @param confirmed how many transactions are confirmed; {@link Case#NONE} is a client without a server
   * @param known tells and counts the known differences
   * @param fault what is wrong with the client, to see whether that is noticed
   */
  static Pair open(int confirmed, KnownDifferences known, Fault fault) {
    if (confirmed == Case.NONE) {
      return new Pair(new PendingSide(), new Theirs(), known, fault);
    }
    ConfirmedSide side = new ConfirmedSide(confirmed);
    return new Pair(side, side.theirs(), known, fault);
  }

  /**
   * The same databases with another client before them, to be asked only. What Datomic answered to a question is not asked
   * for again, so that many faulty clients cost little.
   */
  Pair with(Fault other, KnownDifferences differences) {
    return new Pair(ours, theirs, differences, other, toTheirs, last);
  }

  Theirs theirs() {
    return theirs;
  }

  /** Datomic's ids of the client's entities. */
  Map<Long, Long> ids() {
    return new HashMap<>(toTheirs);
  }

  /** Whether the last question was refused by Datomic or got more than an empty answer. */
  boolean hadContent() {
    return hadContent;
  }

  /** Whether Datomic answered the last question. */
  boolean wasAnswered() {
    return answered;
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
    return fault.outcome(forms, ours.with(fault.forms(forms)));
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
    return fault.answer(question, ours.answer(fault.question(question)));
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

  /** Whether the client made its transactions itself, so that it knows what was seen when. */
  boolean isClientOfItsOwn() {
    return ours.givesIds();
  }

  /** Transacts on both sides if both accept it; null if they do the same. */
  Difference transact(List<?> forms) {
    Outcome tried = tried(forms);
    Outcome expected = theirs.with(forms);
    lastOutcome = tried.isAccepted() ? ":ok" : tried.code().toString();
    if (!tried.isAccepted() || !expected.isAccepted()) {
      return refusal(forms, tried, expected);
    }
    Outcome outcome = theirs.transact(forms);
    Outcome committed = ours.commit(forms, tried, outcome);
    if (ours.givesIds()) {
      return Matching.difference(committed, outcome, toTheirs);
    }
    Difference difference = Matching.difference(tried, outcome, new HashMap<>(toTheirs));
    return difference != null || ours.hasTheirIds() ? difference : Matching.difference(committed, outcome, toTheirs);
  }

  /** Tries a transaction on both sides without effect; null if they would do the same. */
  Difference tryOnly(List<?> forms) {
    Outcome mine = tried(forms);
    Outcome expected = theirs.with(forms);
    return mine.isAccepted() && expected.isAccepted()
        ? Matching.difference(mine, expected, new HashMap<>(toTheirs)) : refusal(forms, mine, expected);
  }

  private Difference refusal(List<?> forms, Outcome tried, Outcome expected) {
    Kind kind = tried.isAccepted() ? Kind.REFUSED_THERE : expected.isAccepted() ? Kind.REFUSED_HERE : Kind.CODES;
    boolean same = kind == Kind.CODES
        && (expected.code() == null ? known.explainsBareForms(tried.code()) : expected.code().equals(tried.code()));
    return same || known.explains(this, forms, tried, expected) ? null : new Difference(kind,
        "Datomic: " + (expected.isAccepted() ? "accepted, " + expected.datoms() : expected.error())
            + "\nRebasis: " + (tried.isAccepted() ? "accepted, " + tried.datoms() : tried.error()),
        codes(expected.code(), tried.code()));
  }

  /** Whether two refusals of a question say the same; Datomic's may be a bare exception, but ours must know what it is about. */
  private boolean isSameCode(Keyword there, String text, Keyword here) {
    return there == null ? known.explainsBareException(text, here) : there.equals(here);
  }

  private static List<Keyword> codes(Keyword there, Keyword here) {
    return Stream.of(there, here).filter(Objects::nonNull).toList();
  }

  /** Whether both refuse the forms with one code; Datomic's refusal may be a bare exception, which has none. */
  boolean agreesOnCode(List<?> forms, Keyword code) {
    Outcome expected = theirs.with(forms);
    return !expected.isAccepted() && (expected.code() == null || code.equals(expected.code()))
        && code.equals(tried(forms).code());
  }

  /** Datomic's answer to a question, or why it refuses. */
  private record Expected(List<?> question, Object answer, Throwable refusal, List<Outcome> tried) {}

  private Expected expected(List<?> question) {
    if (last[0] == null || last[0].question != question) {
      try {
        Object answer = theirs.answer(asked(question));
        last[0] = new Expected(question, answer, null, List.copyOf(theirs.tried()));
      } catch (CaseException e) {
        throw e;
      } catch (Exception | AssertionError | StackOverflowError e) {
        // Clojure throws checked exceptions too, without declaring them; its assertions and endless recursions are errors.
        last[0] = new Expected(question, null, e, List.of());
      }
    }
    return last[0];
  }

  /** Asks both sides; null if they answer alike. */
  Difference ask(List<?> question) {
    Expected expected = expected(question);
    Throwable refusal = expected.refusal;
    answered = refusal == null;
    hadContent = refusal != null || expected.answer != null && !(expected.answer instanceof Collection<?> several && several.isEmpty());
    Keyword code = refusal == null ? null : Theirs.code(refusal);
    Object actual;
    try {
      actual = here(question);
    } catch (RebasisException e) {
      if (refusal == null) {
        return known.explainsRefusal(this, question, e) ? null
            : new Difference(
                Kind.REFUSED_HERE, "Rebasis refuses: " + e + "\nDatomic: " + brief(expected.answer), codes(null, e.code()));
      }
      return isSameCode(code, Theirs.text(refusal), e.code()) || known.explainsCodes(this, question, e) ? null
          : new Difference(
              Kind.CODES, "Datomic refuses: " + refusal + "\nRebasis refuses: " + e, codes(code, e.code()));
    }
    if (refusal != null) {
      return known.explainsAnswer(this, question, refusal) ? null
          : new Difference(
              Kind.REFUSED_THERE, "Datomic refuses: " + refusal + "\nRebasis: " + brief(actual), codes(code, null));
    }
    return compare(question, expected, actual);
  }

  private Difference compare(List<?> question, Expected expected, Object actual) {
    Map<Long, Long> ids = new HashMap<>(toTheirs);
    if (ours.tried().size() != expected.tried.size()) {
      return new Difference(Kind.ANSWERS, "Datomic tried " + expected.tried + "\nRebasis: " + ours.tried());
    }
    for (int i = 0; i < expected.tried.size(); i++) {
      Difference difference = Matching.difference(ours.tried().get(i), expected.tried.get(i), ids);
      if (difference != null) {
        return difference;
      }
    }
    Object his = new Canonical(Map.of()).of(expected.answer);
    Object here = new Canonical(ids).of(actual);
    return agree(question, his, here) || known.explainsDifference(this, question, his, here, ids) ? null
        : new Difference(Kind.ANSWERS, "Datomic: " + brief(his) + "\nRebasis: " + brief(here) + onlyOnOneSide(his, here));
  }

  private boolean agree(List<?> question, Object his, Object here) {
    return Questions.isQuery(question) ? isSameAnswer(QueryForm.of(question.get(1)), plainPulls(his), plainPulls(here))
        : isSame(question, his, here);
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
    boolean ordered = ours.hasTheirIds() && theirs.tried().isEmpty() || Questions.isOfValues(question);
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

  /** Pulled lists are in the order of ids, which is not the same on both sides of a client without a server. */
  private Object plainPulls(Object answer) {
    return ours.hasTheirIds() ? answer
        : Rewriting.everywhere(answer, form -> form instanceof Map ? Canonical.unordered(form) : form);
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
        case KEY -> column instanceof BigInteger big && big.bitLength() < Long.SIZE ? (Object) big.longValue() : column;
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
