package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What goes when an entity is retracted: its datoms, those of its components, and every reference to them. Rebasis's own
 * records of conflicts and of who made what stay as they are: they say what once happened.
 */
final class Closure {
  private Closure() {}

  /**
   * What goes with an entity.
   *
   * @throws Unfit if a value is of a type that Rebasis does not know ({@code :db/fn})
   */
  static Op.RetractEntity of(long e, TracingView view, Object form) {
    Set<Long> entities = new LinkedHashSet<>();
    Set<Datom> facts = new LinkedHashSet<>();
    Deque<Long> todo = new ArrayDeque<>();
    todo.add(e);
    while (!todo.isEmpty()) {
      long entity = todo.poll();
      if (!entities.add(entity)) {
        continue;
      }
      for (Datom datom : view.datoms(IndexOrder.EAVT, entity)) {
        facts.add(datom);
        Attribute attribute = view.schema().attribute(datom.a());
        if (attribute == null) {
          throw Vocabulary.unsupported(view.schema().ident(datom.a()), form);
        }
        if (attribute.isRef() && attribute.component()) {
          todo.add((Long) datom.v());
        }
      }
      for (Datom datom : view.datoms(IndexOrder.VAET, entity)) {
        if (!isRecord(view.schema().attribute(datom.a()))) {
          facts.add(datom);
        }
      }
    }
    return new Op.RetractEntity(e, List.copyOf(entities), new ArrayList<>(facts), form);
  }

  /** Whether an attribute is one that only the server writes, beside what users say. */
  static boolean isRecord(Attribute attribute) {
    String namespace = attribute.ident().namespace();
    return namespace != null && namespace.startsWith("rebasis.");
  }
}
