package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.RebasisException;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.Intent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Calls the transaction functions of one intent and completes the forms that they give. Confined to one decision.
 *
 * <p>An entity that a function introduces under a tempid of its own needs a local number that is the same at every
 * decision, here and on the server, and that no other intent has: it is made of the number of the intent's own entity
 * and a count. Such numbers lie above 2^52, far above those that a client counts up.
 */
final class FunctionCall {
  /** Functions that call functions deeper than this are refused: they would hardly end. */
  private static final int DEPTH_MAX = 20;
  /** More forms than this from the functions of one transaction are refused. */
  private static final int FORMS_MAX = 100_000;

  private static final long FIRST = 1L << 52;
  private static final int COUNT_BITS = 17;

  private final Rules rules;
  private final TracingView view;
  private final EntityReader entities;
  private final Vocabulary vocabulary;
  private final LongSupplier numbers;
  private final Set<FootprintKey> seen = new HashSet<>();
  private final Set<Object> made = Collections.newSetFromMap(new IdentityHashMap<>());
  private boolean seenAll;
  private int depth;
  private int forms;
  private final long txLocalId;

  FunctionCall(Rules rules, TracingView view, EntityReader entities, Vocabulary vocabulary, Intent intent) {
    this.rules = rules;
    this.view = view;
    this.entities = entities;
    this.vocabulary = vocabulary;
    this.txLocalId = intent.txLocalId();
    long first = FIRST + (-intent.txLocalId() << COUNT_BITS);
    this.numbers = new LongSupplier() {
      private int count;

      @Override
      public long getAsLong() {
        if (++count >= 1 << COUNT_BITS) {
          throw Unfit.reject(Codes.FUNCTION_FAILED, "The functions of one transaction introduce too many entities.");
        }
        return first + count;
      }
    };
  }

  /** What is done with the forms that a call gives. */
  interface Reader {
    /** Reads one form; may call functions again. */
    void read(Object form);
  }

  /** Calls the function that a form names and has what it gives read. */
  void call(Keyword name, List<?> form, Reader reader) {
    TransactionFunction function = rules.function(name);
    if (function == null) {
      if (rules.leavesUnknownToServer()) {
        return;
      }
      throw Vocabulary.noFunction(name, form);
    }
    if (depth == DEPTH_MAX) {
      throw failed(name, form, "functions call each other more than " + DEPTH_MAX + " deep.", null);
    }
    List<Object> completed = complete(name, form, given(name, form, function));
    depth++;
    try {
      completed.forEach(reader::read);
    } finally {
      depth--;
    }
  }

  private List<?> given(Keyword name, List<?> form, TransactionFunction function) {
    TracingView apart = view.apart();
    DatabaseView db = new DatabaseView(apart, entities.on(apart), vocabulary);
    List<?> given = once(name, form, function, db);
    if (rules.callsTwice()) {
      TracingView again = view.apart();
      DatabaseView anew = new DatabaseView(again, entities.on(again), vocabulary);
      if (!GivenForms.same(given, once(name, form, function, anew))) {
        throw parked(name, form, "it answers the same call differently each time. It must be a pure function.");
      }
    }
    view.noteAll(apart);
    seen.addAll(apart.reads());
    seenAll |= db.isReadByOtherMeans();
    forms += given.size();
    if (forms > FORMS_MAX) {
      throw failed(name, form, "the functions of one transaction give more than " + FORMS_MAX + " forms.", null);
    }
    return given;
  }

  private List<?> once(Keyword name, List<?> form, TransactionFunction function, DatabaseView db) {
    Throwable[] thrown = new Throwable[1];
    List<Object> args = Collections.unmodifiableList(new ArrayList<>(form.subList(1, form.size())));
    List<?> given = rules.guard().contained(
        name.toString(), () -> GivenForms.copy(function.apply(db, args)), e -> thrown[0] = e);
    if (given != null) {
      return given;
    }
    if (thrown[0] instanceof Error && !(thrown[0] instanceof StackOverflowError)) {
      // An exception is what the function says about the transaction. An error says that the code or the machine is
      // broken, and that is no reason to refuse what an author wrote.
      throw parked(name, form, "it threw " + Guard.words(thrown[0]) + ".");
    }
    if (thrown[0] instanceof Guard.GivenUp) {
      // So does one that comes to no end, perhaps only because the machine is busy.
      throw parked(name, form, said(thrown[0]) + ".");
    }
    throw failed(name, form, thrown[0] == null ? "it returned null." : said(thrown[0]), thrown[0]);
  }

  /** Notes the form of an operation that was read, if it stems from a function. */
  void note(Op op) {
    if (depth > 0) {
      made.add(op.form());
    }
  }

  /**
   * Whether a function made the operation after it had read what stands in its place now. What others wrote there has
   * gone into it, so that it meets nothing: a counter that a function raises is raised from the newest value.
   */
  boolean isMadeInSight(Op op, Attribute a) {
    return made.contains(op.form()) && (seenAll || seen.contains(new FootprintKey.Entity(op.e()))
        || seen.contains(new FootprintKey.EntityAttribute(op.e(), a.id())));
  }

  private List<Object> complete(Keyword name, List<?> form, List<?> given) {
    try {
      IntentBuilder.Completed completed =
          IntentBuilder.complete(given, vocabulary.schema(), entities.tempids(), numbers);
      entities.introduce(completed.tempids());
      return completed.forms();
    } catch (TransactionException e) {
      throw failed(name, form, "one of its forms is faulty: " + e.getMessage(), e);
    }
  }

  private static String said(Throwable thrown) {
    try {
      return thrown.getMessage() == null ? thrown.getClass().getSimpleName() : thrown.getMessage();
    } catch (RuntimeException e) {
      return Guard.words(thrown);
    }
  }

  private Unfit parked(Keyword name, List<?> form, String why) {
    return new Unfit(Problem.park(Codes.FUNCTION_FAILED, "The function " + name + " failed at " + Text.of(form) + ": "
        + why, Problem.FORM, form, Keyword.of(":function"), name)
        .with(new Conflict(ConflictKinds.FUNCTION_FAILED, txLocalId, null, List.of(), List.of(Text.of(form)), List.of(),
            List.of(), ConflictKinds.PARK, 0)));
  }

  private static Unfit failed(Keyword name, List<?> form, String why, Throwable cause) {
    boolean own = cause instanceof RebasisException known && known.code().namespace() != null
        && !known.code().namespace().startsWith("rebasis");
    Keyword code = own ? ((RebasisException) cause).code() : Codes.FUNCTION_FAILED;
    return new Unfit(new Problem(code, "The function " + name + " refuses " + Text.of(form) + ": " + why,
        Map.of(Problem.FORM, form, Keyword.of(":function"), name), false, null));
  }
}
