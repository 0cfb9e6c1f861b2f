package dev.rebasis.client.internal.index;

import dev.rebasis.data.Datom;
import java.util.function.Consumer;

/**
 * Follows one fact after the other through its time: what is asserted while it is current, or retracted while it is not,
 * changes nothing current. Confined.
 */
final class FactSteps {
  private final Consumer<Datom> past;
  private Datom current;

  /**
   * Makes one.
   *
   * @param past is given what is past: each assertion that was retracted, and each retraction, as often as it comes
   */
  FactSteps(Consumer<Datom> past) {
    this.past = past;
  }

  /** Begins with a fact that was asserted, or null. */
  void begin(Datom asserted) {
    current = asserted;
  }

  /** What comes next of this fact. */
  void step(Datom datom) {
    if (datom.added()) {
      current = current == null ? datom : current;
      return;
    }
    if (current != null) {
      past.accept(current);
      current = null;
    }
    // Kept even if nothing was current: Datomic's own history has such retractions (see Bootstrap).
    past.accept(datom);
  }

  /** What is current of this fact, or null. */
  Datom current() {
    return current;
  }
}
