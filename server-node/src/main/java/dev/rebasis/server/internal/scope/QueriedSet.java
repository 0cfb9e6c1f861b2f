package dev.rebasis.server.internal.scope;

import datomic.Database;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Schema;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The entities that a query finds, and those that come with each of them. An entity counts as often as it comes: it leaves
 * when the last of those that brought it does.
 *
 * <p>After a transaction, the query is asked again only if the transaction changed an attribute that it reads, and then
 * only about the entities that changed, if that is enough ({@link EntityQuery#isLocal}); what comes with an entity is looked up
 * again only if a reference changed on the way there.
 */
final class QueriedSet implements EntitySet {
  private final EntityQuery query;
  private final Reach reach;
  private final Supplier<Schema> schema;
  private final MemberRoom room;
  /** What comes with each entity that the query finds, itself included. */
  private final Map<Long, Set<Long>> roots = new HashMap<>();
  /** With which entities each one comes. */
  private final Map<Long, Set<Long>> rootsOf = new HashMap<>();

  QueriedSet(EntityQuery query, Reach reach, Supplier<Schema> schema, MemberRoom room) {
    this.room = room;
    this.query = query;
    this.reach = reach;
    this.schema = schema;
  }

  @Override
  public boolean contains(long e) {
    return rootsOf.containsKey(e);
  }

  @Override
  public void evaluate(Database db, Set<Long> changed) {
    Set<Long> found = query.in(db);
    Schema now = schema.get();
    List.copyOf(roots.keySet()).stream().filter(root -> !found.contains(root)).forEach(root -> set(root, null, changed));
    found.forEach(root -> set(root, reach.of(root, db, now), changed));
  }

  @Override
  public void advance(Change change, Database db, Set<Long> sighted, Set<Long> changed) {
    if (change.isOfSchema() || !sighted.isEmpty() && !(query.isLocal() && reach.isForward())) {
      evaluate(db, changed);
      return;
    }
    Set<Long> asked = new HashSet<>(sighted);
    Set<Long> onTheWay = new HashSet<>();
    sighted.forEach(e -> onTheWay.addAll(rootsOf.getOrDefault(e, Set.of())));
    boolean touched = !sighted.isEmpty();
    for (Datom datom : change.transaction().datoms()) {
      if (query.reads(datom, change.schema())) {
        touched = true;
        asked.add(datom.e());
      }
      reach.affected(datom, change.schema(), e -> onTheWay.addAll(rootsOf.getOrDefault(e, Set.of())));
    }
    if (touched && query.isLocal()) {
      for (long e : asked) {
        follow(e, query.finds(db, e), db, change.schema(), changed);
      }
    } else if (touched) {
      Set<Long> found = query.in(db);
      List.copyOf(roots.keySet()).stream().filter(root -> !found.contains(root))
          .forEach(root -> set(root, null, changed));
      found.stream().filter(root -> !roots.containsKey(root)).toList()
          .forEach(root -> follow(root, true, db, change.schema(), changed));
    }
    for (long root : onTheWay) {
      if (roots.containsKey(root)) {
        set(root, reach.of(root, db, change.schema()), changed);
      }
    }
  }

  private void follow(long root, boolean found, Database db, Schema now, Set<Long> changed) {
    if (found != roots.containsKey(root)) {
      set(root, found ? reach.of(root, db, now) : null, changed);
    }
  }

  private void set(long root, Set<Long> reached, Set<Long> changed) {
    Set<Long> before = reached == null ? roots.remove(root) : roots.put(root, reached);
    long bytes = 0;
    if (before != null) {
      for (long e : before) {
        if (reached == null || !reached.contains(e)) {
          Set<Long> left = rootsOf.get(e);
          left.remove(root);
          if (left.isEmpty()) {
            rootsOf.remove(e);
            changed.add(e);
          }
          bytes -= left.isEmpty() ? MemberRoom.FOUND_BYTES : MemberRoom.AGAIN_BYTES;
        }
      }
    }
    if (reached != null) {
      for (long e : reached) {
        Set<Long> with = rootsOf.computeIfAbsent(e, any -> new HashSet<>(2));
        if (with.add(root)) {
          changed.add(e);
          bytes += with.size() == 1 ? MemberRoom.FOUND_BYTES : MemberRoom.AGAIN_BYTES;
        }
      }
    }
    room.changed(bytes);
  }
}
