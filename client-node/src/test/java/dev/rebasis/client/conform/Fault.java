package dev.rebasis.client.conform;

import dev.rebasis.client.conform.Side.Outcome;
import java.util.List;

/**
 * A fault of the client, planted to see whether it is noticed: the client gets something else than it was given, or what
 * it gives is changed. Each method gives back what it gets unless it is overridden. Pure.
 */
interface Fault {
  /** No fault. */
  Fault NONE = new Fault() {};

  /** Whether it can show at all where the client is asked this; a quick answer, which saves asking it. */
  default boolean concernsQuestion(List<?> question) {
    return true;
  }

  /** Likewise for what it transacts. */
  default boolean concernsForms(List<?> forms) {
    return true;
  }

  /** What the client transacts instead. */
  default List<?> forms(List<?> forms) {
    return forms;
  }

  /** What becomes of a transaction instead. */
  default Outcome outcome(List<?> forms, Outcome outcome) {
    return outcome;
  }

  /** What the client is asked instead. */
  default List<?> question(List<?> question) {
    return question;
  }

  /** What it answers instead. */
  default Object answer(List<?> question, Object answer) {
    return answer;
  }
}
