package dev.rebasis.client.internal.query;

import dev.rebasis.data.Symbol;
import java.util.List;

/**
 * A parsed query. Immutable; shared through the engine's cache.
 *
 * @param form as the author wrote it
 * @param with slots of {@code :with}
 * @param inputs {@code :in}, {@code $} if there was none
 * @param inputsMin how many inputs must be given: none if there was no {@code :in}, since no clause may need {@code $}
 * @param body the clauses
 */
record Query(
    Object form,
    FindSpec find,
    List<Integer> with,
    List<Input> inputs,
    int inputsMin,
    Body body) {
  /** The name of the data source that patterns read by default. */
  static final Symbol DEFAULT_SOURCE = Symbol.of("$");

  /** One element of {@code :in}. */
  sealed interface Input {}

  /** A data source, {@code $} or {@code $name}. */
  record SourceInput(Symbol name) implements Input {}

  /** Rules, {@code %}. */
  record RulesInput() implements Input {}

  /** A pull pattern, a plain name. */
  record PatternInput(Symbol name) implements Input {}

  /** Variables. */
  record BindingInput(Binding binding, Object form) implements Input {}
}
