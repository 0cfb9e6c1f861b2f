package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds component trees that were cut: an entity that is still there, but that its parent, or an entity further up, no
 * longer holds as a component. An entity has one parent by rights; where it has several, it is held as long as one of
 * them is. Confined to one decision.
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
    if (!attributes.isEmpty()) {
      note(entity, new HashSet<>());
    }
  }

  private void note(long e, Set<Long> seen) {
    if (seen.add(e)) {
      view.note(new FootprintKey.Reference(e));
      parents(e).forEach(parent -> note(parent, seen));
    }
  }

  /**
   * The remote retraction by which the entity, or all that hold it, lost their parent; null if it is held, or never was.
   *
   * @param remote what others confirmed after the base
   * @param held entities that the intent itself makes components of others
   */
  Datom above(long entity, RemoteChanges remote, Set<Long> held) {
    return above(entity, remote, held, Set.of());
  }

  /** Up from {@code below}, which is on the way already: entities that hold each other count as held. */
  private Datom above(long e, RemoteChanges remote, Set<Long> held, Set<Long> below) {
    if (e < 0 || held.contains(e) || below.contains(e)) {
      return null;
    }
    Set<Long> way = new HashSet<>(below);
    way.add(e);
    List<Long> parents = parents(e);
    if (parents.isEmpty()) {
      return cut(e, remote);
    }
    Datom first = null;
    for (long parent : parents) {
      Datom above = above(parent, remote, held, way);
      if (above == null) {
        return null;
      }
      first = first == null ? above : first;
    }
    return first;
  }

  private List<Long> parents(long e) {
    List<Long> parents = new ArrayList<>();
    for (Attribute attribute : attributes) {
      view.datoms(IndexOrder.VAET, e, attribute.id()).forEach(holder -> parents.add(holder.e()));
    }
    return parents;
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
