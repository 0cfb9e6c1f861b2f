package dev.rebasis.client.internal.query;

import dev.rebasis.data.LookupRef;
import dev.rebasis.data.Keyword;
import java.util.List;

/**
 * Turns a computed or stored identifier (ident, lookup ref) into the entity id that patterns join on, or a text into the
 * keyword that it writes, in a slot of its own: the variable keeps the value that it has. A lookup ref that names no entity
 * is an error, as it is in a pattern; any other value that names none matches nothing. Confined to one evaluation.
 */
final class ResolveStep extends Step {
  private final EntityVariables.Meaning meaning;
  private final int from;
  private final int to;
  private final boolean check;

  /**
   * Makes the step.
   *
   * @param check whether the second slot is bound already, so that it must be the same
   */
  ResolveStep(EntityVariables.Meaning meaning, int from, int to, boolean check) {
    this.meaning = meaning;
    this.from = from;
    this.to = to;
    this.check = check;
  }

  @Override
  boolean run(Object[] frame) {
    Object meant = meaning.of(frame[from]);
    if (meant == null || check && !meant.equals(frame[to])) {
      return true;
    }
    frame[to] = meant;
    return pass(frame);
  }

  /**
   * The id of the entity that a value names.
   *
   * @param form the clause that an error names
   * @return null if it names none
   */
  static Long entity(EntityResolver entities, Object value, Object form) {
    // A list that is no lookup ref is an ordinary value (a tuple), which names no entity.
    boolean lookup = value instanceof LookupRef
        || value instanceof List<?> list && list.size() == 2 && list.get(0) instanceof Keyword;
    return lookup ? (Long) entities.require(value, form) : value instanceof List<?> ? null : entities.find(value);
  }
}
