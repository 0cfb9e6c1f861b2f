package dev.rebasis.client.conform;

import dev.rebasis.client.conform.Pair.Difference;
import dev.rebasis.edn.Edn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * One generated schema, what is transacted on it and what is asked. Ends at the first transaction that differs, and after
 * a few questions that do. Confined.
 */
final class World {
  private static final int ENTITIES_MIN = 4;
  private static final int ENTITIES_MAX = 24;
  private static final int TRANSACTIONS = 60;
  // Of a client with confirmed and pending transactions: the schema and the first facts always, alterations on both sides.
  private static final int CONFIRMED_MIN = 3;
  private static final int CONFIRMED_SPREAD = 30;
  // Datomic compiles each query anew, which is most of the time; asked on several views, it is compiled once.
  private static final int QUERIES = 85;
  private static final int VIEWS_EACH = 4;
  private static final int OTHER_QUESTIONS = 320;
  /** After so many it ends. */
  static final int DIFFERENCES_MAX = 3;

  /** A difference, and the case that shows it. */
  record Failure(long seed, Case one, Difference difference) {}

  private final long seed;
  private final Random random;
  private final KnownDifferences known;
  private final Fault fault;
  private final int confirmed;
  private final Observer observer;
  private final List<List<?>> transacted = new ArrayList<>();
  private final List<Failure> failures = new ArrayList<>();
  private final Map<String, Integer> kinds = new TreeMap<>();
  private int cases;
  private int transactions;
  private int accepted;
  private int withContent;
  private int unaltered;

  /** Sees each case before it is played. */
  interface Observer {
    void transaction(Pair pair, List<?> forms);

    /** Whether it is to be compared after that; if nobody looks at the result, Datomic need not answer. */
    boolean question(Pair pair, List<?> question);
  }

  private static final Observer NOBODY = new Observer() {
    @Override
    public void transaction(Pair pair, List<?> forms) {}

    @Override
    public boolean question(Pair pair, List<?> question) {
      return true;
    }
  };

  World(long seed, KnownDifferences known, Fault fault) {
    this(seed, known, fault, NOBODY);
  }

  World(long seed, KnownDifferences known, Fault fault, Observer observer) {
    this.seed = seed;
    this.random = new Random(seed);
    this.observer = observer;
    this.known = known;
    this.fault = fault;
    this.confirmed = seed % 2 == 0 ? Case.NONE : seed % 4 == 1 ? Case.ALL : (int) (CONFIRMED_MIN + seed / 4 % CONFIRMED_SPREAD);
  }

  World play() {
    try (Pair pair = Pair.open(confirmed, known, fault)) {
      GeneratedSchema schema = new GeneratedSchema(random);
      Forms forms = new Forms(random, schema, pair);
      for (String transaction : begin(schema, forms, ENTITIES_MIN + 2 * random.nextInt((ENTITIES_MAX - ENTITIES_MIN) / 2 + 1))) {
        if (!transact(pair, transaction)) {
          return this;
        }
      }
      unaltered = pair.theirs().accepted();
      for (int i = 0; i < TRANSACTIONS; i++) {
        if (!(random.nextInt(12) == 0 ? alter(pair, schema, forms) : transact(pair, forms.transaction()))) {
          return this;
        }
      }
      ask(pair, schema, forms);
    }
    return this;
  }

  /** The schema, and a few facts. */
  static List<String> begin(GeneratedSchema schema, Forms forms, int entities) {
    List<String> begin = schema.transactions();
    begin.add(Forms.entities(entities));
    for (int e = 0; e < entities; e += 2) {
      begin.add(forms.facts(e, e + 2, entities));
    }
    return begin;
  }

  private boolean alter(Pair pair, GeneratedSchema schema, Forms forms) {
    Forms.Alteration alteration = forms.alteration();
    int before = pair.theirs().accepted();
    boolean same = transact(pair, alteration.forms());
    if (pair.theirs().accepted() > before) {
      unaltered = pair.theirs().accepted();
      schema.replace(alteration.before(), alteration.after());
    }
    return same;
  }

  private boolean transact(Pair pair, String text) {
    List<?> forms = (List<?>) Edn.read(text);
    int before = pair.theirs().accepted();
    cases++;
    transactions++;
    withContent++;
    observer.transaction(pair, forms);
    Difference difference = pair.transact(forms);
    if (difference != null) {
      transacted.add(forms);
      failures.add(new Failure(seed, new Case(confirmed, transacted, null), difference));
      return false;
    }
    if (pair.theirs().accepted() > before) {
      accepted++;
      transacted.add(forms);
      count(Kinds.ofForms(forms), kind -> true);
    }
    return true;
  }

  private void ask(Pair pair, GeneratedSchema schema, Forms forms) {
    boolean ordered = pair.hasTheirIds();
    int moments = pair.theirs().accepted();
    if (!pair.isClientOfItsOwn()) {
      unaltered = moments; // nobody knows what was seen when
    }
    Questions questions = new Questions(random, schema, forms, ordered, moments, unaltered);
    for (int i = 0; i < QUERIES && failures.size() < DIFFERENCES_MAX; i++) {
      Queries.Asked query = Queries.next(random, schema, forms, ordered, moments);
      for (int view = 0; view < VIEWS_EACH && failures.size() < DIFFERENCES_MAX; view++) {
        ask(pair, query.on(view == 0 ? "(db)" : questions.view(query.query().contains("(pull "))));
      }
    }
    for (int i = 0; i < OTHER_QUESTIONS && failures.size() < DIFFERENCES_MAX; i++) {
      ask(pair, questions.next());
    }
  }

  private void ask(Pair pair, String text) {
    List<?> question = (List<?>) Edn.read(text);
    cases++;
    if (!observer.question(pair, question)) {
      return;
    }
    Difference difference = pair.ask(question);
    withContent += pair.hadContent() ? 1 : 0;
    if (pair.wasAnswered()) {
      // One call in a query that finds nothing has still been made; of other kinds a row must tell.
      count(Kinds.ofQuestion(question), kind -> pair.hadContent() || kind.startsWith("function "));
    }
    if (difference != null) {
      failures.add(new Failure(seed, new Case(confirmed, transacted, question), difference));
    }
  }

  private void count(Set<String> of, Predicate<String> counts) {
    of.stream().filter(counts).forEach(kind -> kinds.merge(kind, 1, Integer::sum));
  }

  /** How many transactions that were accepted, and questions that were answered, were of each kind. */
  Map<String, Integer> kinds() {
    return kinds;
  }

  List<Failure> failures() {
    return failures;
  }

  int cases() {
    return cases;
  }

  int transactions() {
    return transactions;
  }

  int accepted() {
    return accepted;
  }

  /** How many cases had something to compare. */
  int withContent() {
    return withContent;
  }
}
