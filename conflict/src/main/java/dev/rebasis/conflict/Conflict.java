package dev.rebasis.conflict;

import dev.rebasis.data.Keyword;
import java.util.List;
import java.util.Objects;

/**
 * One meeting of an intent with what others confirmed, and how it was resolved. Immutable. docs/conflicts.md defines
 * the kinds. For an attribute of cardinality many, the four lists hold only the values that met. Of
 * what concerns a whole transaction, {@code e} is the transaction's own entity.
 *
 * @param kind what met, for example {@code :rebasis.conflict/same-value-changed}
 * @param e the entity, the server's id where it has one
 * @param attribute the attribute's ident, or null if the whole entity is meant
 * @param base the values on the base, empty if there was none; of what waits, the id of the transaction that it waits for
 * @param local the values that the intent wanted; the text of the form if none could be read from it, or of the premise
 * @param remote the values that the others left; of a unique value that they claimed, the entity that has it
 * @param resolved the values after the decision; where a person has to decide, those that stand meanwhile
 * @param policy the policy that decided, for example {@code :rebasis.policy/last-writer-wins}
 * @param remoteTx the entity id of the last remote transaction that took part
 */
public record Conflict(
    Keyword kind,
    long e,
    Keyword attribute,
    List<Object> base,
    List<Object> local,
    List<Object> remote,
    List<Object> resolved,
    Keyword policy,
    long remoteTx) {
  /**
   * A transaction that waits, though nobody wrote where it did.
   *
   * @param tx its own entity
   * @param on the id of the transaction that was not committed; of an entity that none made if that is all that is known
   */
  static Conflict waiting(Keyword kind, long tx, Object on) {
    return new Conflict(kind, tx, null, List.of(on), List.of(), List.of(), List.of(), ConflictKinds.PARK, 0);
  }

  /** Copies the lists. */
  public Conflict {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(policy, "policy");
    base = List.copyOf(base);
    local = List.copyOf(local);
    remote = List.copyOf(remote);
    resolved = List.copyOf(resolved);
  }
}
