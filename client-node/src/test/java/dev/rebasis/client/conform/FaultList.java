package dev.rebasis.client.conform;

import dev.rebasis.client.conform.Side.Outcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Named faults, with how each kind of them is made. Confined. */
final class FaultList {
  private final Map<String, Fault> all = new LinkedHashMap<>();

  /** By what is wrong. */
  Map<String, Fault> all() {
    return all;
  }

  void forms(String name, UnaryOperator<List<?>> change) {
    put(name, new Fault() {
      @Override
      public List<?> forms(List<?> forms) {
        return change.apply(forms);
      }

      @Override
      public boolean concernsForms(List<?> forms) {
        return !change.apply(forms).equals(forms);
      }

      @Override
      public boolean concernsQuestion(List<?> question) {
        return false;
      }
    });
  }

  void outcome(String name, BiFunction<List<?>, Outcome, Outcome> change) {
    put(name, new Fault() {
      @Override
      public Outcome outcome(List<?> forms, Outcome outcome) {
        return change.apply(forms, outcome);
      }

      @Override
      public boolean concernsQuestion(List<?> question) {
        return false;
      }
    });
  }

  void question(String name, Function<List<?>, List<?>> change) {
    put(name, new Fault() {
      @Override
      public List<?> question(List<?> question) {
        return change.apply(question);
      }

      @Override
      public boolean concernsForms(List<?> forms) {
        return false;
      }

      @Override
      public boolean concernsQuestion(List<?> question) {
        return !change.apply(question).equals(question);
      }
    });
  }

  void answer(String name, BiFunction<List<?>, Object, Object> change) {
    put(name, new Fault() {
      @Override
      public Object answer(List<?> question, Object answer) {
        return change.apply(question, answer);
      }

      @Override
      public boolean concernsForms(List<?> forms) {
        return false;
      }
    });
  }

  private void put(String name, Fault fault) {
    if (all.put(name, fault) != null) {
      throw new IllegalStateException("There are two faults '" + name + "'.");
    }
  }
}
