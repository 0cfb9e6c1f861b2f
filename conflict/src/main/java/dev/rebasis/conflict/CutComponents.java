package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * Finds component trees that were cut: an entity that is still there, but that its parent, or an entity further up, no
 * longer holds as a component. Walks up one parent at a time; an entity has one parent by rights, and where it has several,
 * it is held as long as one is left. Confined to one decision.
 */
final class CutComponents {
  /** Rebasis's own records hang on transaction entities; nobody cuts them. */
  private static final String OWN = "rebasis.";

  private final TracingView view;
  private final List<Attribute> attributes;

  CutComponents(TracingView view) {
    this.view = view;
    this.attributes = view.schema().components().stream()
        .filter(attribute -> attribute.ident().namespace() == null || !attribute.ident().namespace().startsWith(OWN))
        .toList();
  }

  /** Notes what {@link #above} would read: who holds the entity, and who holds that. */
  void note(long entity) {
    Set<Long> seen = new HashSet<>();
    for (Long e = entity; e != null && !attributes.isEmpty() && seen.add(e); e = parent(e)) {
      view.note(new FootprintKey.Reference(e));
    }
  }

  /**
   * The remote retraction by which the entity, or one that holds it, lost its parent; null if it did not.
   *
   * @param remote what others confirmed after the base
   * @param held entities that the intent itself makes components of others
   */
  Datom above(long entity, RemoteChanges remote, Set<Long> held) {
    Set<Long> seen = new HashSet<>();
    Long e = entity;
    while (e >= 0 && seen.add(e) && !held.contains(e)) {
      Long parent = parent(e);
      if (parent == null) {
        return cut(e, remote);
      }
      e = parent;
    }
    return null;
  }

  private Long parent(long e) {
    for (Attribute attribute : attributes) {
      Iterator<Datom> holders = view.datoms(IndexOrder.VAET, e, attribute.id()).iterator();
      if (holders.hasNext()) {
        return holders.next().e();
      }
    }
    return null;
  }

  private Datom cut(long e, RemoteChanges remote) {
    Datom last = null;
    for (Attribute attribute : attributes) {
      for (Datom datom : remote.ofValue(attribute.id(), e)) {
        boolean wasThere = !datom.added() && remote.baseValues(datom.e(), attribute.id()).contains(e);
        last = wasThere && (last == null || datom.tx() > last.tx()) ? datom : last;
      }
    }
    return last;
  }
}
