package dev.rebasis.client.conform;

import dev.rebasis.client.internal.Samples;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import dev.rebasis.edn.EdnList;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One of the two databases that a case is played on. Cases name what has different ids on both: {@code (id "e1")} is the
 * entity of a tempid of an earlier transaction, {@code (tx 2)}, {@code (t 2)} and {@code (instant 2)} the third accepted
 * transaction. Confined to one thread.
 */
abstract class Side implements AutoCloseable {
  /** The instants of transactions are a second apart, so that moments between them can be named. */
  static final Instant EPOCH = Samples.EPOCH;

  /**
   * What became of a transaction.
   *
   * @param code the code of its refusal; null if it was accepted, or if the refusal has none
   * @param error the text of its refusal, null if it was accepted
   * @param datoms what it did, with this side's ids
   * @param tempids what each string tempid stands for
   */
  record Outcome(Keyword code, String error, List<Datom> datoms, Map<String, Long> tempids) {
    static Outcome refused(Keyword code, Throwable error) {
      return new Outcome(code, String.valueOf(error), List.of(), Map.of());
    }

    boolean isAccepted() {
      return error == null;
    }
  }

  private final Map<String, Long> names = new HashMap<>();
  private final List<Long> transactions = new ArrayList<>();
  private final List<Outcome> tried = new ArrayList<>();

  /** Tries a transaction without effect. */
  abstract Outcome with(List<?> forms);

  /** Answers a question, see {@link Questions}; a refusal is an exception. */
  abstract Object answer(List<?> question);

  /** The T of a transaction, or what stands for it. */
  abstract long timeOf(long tx);

  @Override
  public abstract void close();

  /** What the views of the last question tried, in order: {@code (with forms)}. */
  List<Outcome> tried() {
    return tried;
  }

  /** Makes the view {@code (db step*)}. Steps: {@code (seen number) (asOf moment) (since moment) (history) (without attribute) (with forms)}. */
  final <D> D view(D now, Object form, Steps<D> steps) {
    D view = now;
    if (!(form instanceof EdnList list) || list.isEmpty() || !Symbol.of("db").equals(list.get(0))) {
      throw new CaseException("Not a view: " + form);
    }
    for (Object each : list.subList(1, list.size())) {
      if (!(each instanceof EdnList step) || step.isEmpty()) {
        throw new CaseException("Not a step of a view: " + each);
      }
      Object argument = step.size() > 1 ? filled(step.get(1)) : null;
      view = switch (((Symbol) step.get(0)).text()) {
        case "seen" -> steps.seen(view, ((Number) argument).intValue());
        case "asOf" -> steps.asOf(view, argument);
        case "since" -> steps.since(view, argument);
        case "history" -> steps.history(view);
        case "without" -> steps.without(view, (Keyword) argument);
        case "with" -> steps.with(view, (List<?>) argument, tried);
        default -> throw new CaseException("No such view: " + step);
      };
    }
    return view;
  }

  /** The views that a database can give. */
  interface Steps<D> {
    /** What was seen when an accepted transaction was made, in place of the database. */
    D seen(D db, int transaction);

    D asOf(D db, Object moment);

    D since(D db, Object moment);

    D history(D db);

    D without(D db, Keyword attribute);

    D with(D db, List<?> forms, List<Outcome> tried);
  }

  /** Remembers an accepted transaction, and of its tempids those that stand for something that has facts. */
  void note(long tx, Map<String, Long> tempids, List<Datom> datoms) {
    transactions.add(tx);
    tempids.forEach((name, id) -> {
      if (names.containsValue(id) || datoms.stream().anyMatch(datom -> datom.e() == id || mentions(datom.v(), id))) {
        names.put(name, id);
      }
    });
  }

  private static boolean mentions(Object value, Long id) {
    return value instanceof List<?> tuple ? tuple.contains(id) : id.equals(value);
  }

  int accepted() {
    return transactions.size();
  }

  Map<String, Long> names() {
    return names;
  }

  /** The instant of the transaction with a number. */
  static Instant instant(long transaction) {
    return EPOCH.plusSeconds(transaction);
  }

  /** The form with this side's ids in place of the names. */
  Object filled(Object form) {
    if (form instanceof EdnList call && call.size() == 2 && call.get(0) instanceof Symbol function) {
      Object argument = call.get(1);
      switch (function.text()) {
        case "id" -> {
          if (argument instanceof String name) {
            return named(name);
          }
        }
        case "tx" -> {
          return transaction((Long) argument);
        }
        case "t" -> {
          return timeOf(transaction((Long) argument));
        }
        case "instant" -> {
          return instant((Long) argument);
        }
        default -> { }
      }
    }
    if (form instanceof EdnList list) {
      return EdnList.copyOf(list.stream().map(this::filled).toList());
    }
    if (form instanceof Map<?, ?> map) {
      Map<Object, Object> result = new LinkedHashMap<>();
      map.forEach((key, value) -> result.put(filled(key), filled(value)));
      return result;
    }
    if (form instanceof Collection<?> several) {
      Collection<Object> result = form instanceof Set ? new LinkedHashSet<Object>() : new ArrayList<Object>();
      several.forEach(element -> result.add(filled(element)));
      return result;
    }
    return form;
  }

  List<?> filledList(List<?> forms) {
    return (List<?>) filled(new ArrayList<>(forms));
  }

  private long named(String name) {
    Long id = names.get(name);
    if (id == null) {
      throw new CaseException("No accepted transaction before has the tempid " + name + ".");
    }
    return id;
  }

  /** The accepted transaction with a number. */
  final long transaction(long number) {
    if (number >= transactions.size()) {
      throw new CaseException("There are only " + transactions.size() + " accepted transactions.");
    }
    return transactions.get((int) number);
  }

  /** A case that cannot be played. */
  static final class CaseException extends RuntimeException {
    private static final long serialVersionUID = 1;

    CaseException(String message) {
      super(message);
    }
  }
}
