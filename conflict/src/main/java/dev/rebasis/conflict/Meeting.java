package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Keyword;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;

/**
 * Two changes of one attribute of one entity that met, before a policy settles it. Confined to the call of the policy.
 *
 * <p>Values are in normal form (long, string, keyword, ...). For cardinality many the lists hold only the values that
 * met: those that the one side asserted and the other retracted.
 */
public final class Meeting {
  /** The whole entity on the three sides. */
  interface Sides {
    SortedSet<Keyword> attributes();

    List<Object> base(Keyword attribute);

    List<Object> local(Keyword attribute);

    List<Object> remote(Keyword attribute);
  }

  private final Keyword kind;
  private final long entity;
  private final Attribute attribute;
  private final List<Object> base;
  private final List<Object> local;
  private final List<Object> remote;
  private final Sides sides;

  Meeting(Keyword kind, long entity, Attribute attribute, List<Object> base, List<Object> local, List<Object> remote,
      Sides sides) {
    this.kind = Objects.requireNonNull(kind, "kind");
    this.entity = entity;
    this.attribute = Objects.requireNonNull(attribute, "attribute");
    this.base = List.copyOf(base);
    this.local = List.copyOf(local);
    this.remote = List.copyOf(remote);
    this.sides = sides;
  }

  /** What met, for example {@code :rebasis.conflict/same-value-changed}; docs/conflicts.md defines the kinds. */
  public Keyword kind() {
    return kind;
  }

  /** The entity's id. */
  public long entity() {
    return entity;
  }

  /** The attribute as its schema describes it. */
  public Attribute attribute() {
    return attribute;
  }

  /** The values on the base, which the author of the local change saw. */
  public List<Object> base() {
    return base;
  }

  /** The values that the local change wants. */
  public List<Object> local() {
    return local;
  }

  /** The values that the others left. */
  public List<Object> remote() {
    return remote;
  }

  /**
   * The attributes that the entity has on any of the three sides, this one among them, in order: for policies that look at
   * the whole entity without knowing its attributes beforehand. An attribute that was renamed is listed by its new name.
   */
  public SortedSet<Keyword> attributes() {
    return sides.attributes();
  }

  /** All values of another attribute of the entity on the base; empty if there is no such attribute. */
  public List<Object> base(Keyword other) {
    return sides.base(other);
  }

  /** All values of another attribute of the entity as the local change wants them. */
  public List<Object> local(Keyword other) {
    return sides.local(other);
  }

  /** All values of another attribute of the entity as the others left them. */
  public List<Object> remote(Keyword other) {
    return sides.remote(other);
  }
}
