package dev.rebasis.server.internal.scope;

import datomic.Database;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.server.access.ReadRule;
import dev.rebasis.server.access.User;
import dev.rebasis.server.internal.master.DatomicFactView;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** The entities that a predicate says yes to, each asked about again when its own facts change. Confined. */
final class ChosenSet implements EntitySet {
  private final ReadRule.Predicate predicate;
  private final User user;
  private final Supplier<Schema> schema;
  private final MemberRoom room;
  private final Set<Long> chosen = new HashSet<>();

  ChosenSet(ReadRule.Predicate predicate, User user, Supplier<Schema> schema, MemberRoom room) {
    this.room = room;
    this.predicate = predicate;
    this.user = user;
    this.schema = schema;
  }

  @Override
  public boolean contains(long e) {
    return chosen.contains(e);
  }

  @Override
  public void evaluate(Database db, Set<Long> changed) {
    Set<Long> all = new HashSet<>(chosen);
    for (datomic.Datom datom : db.datoms(Database.EAVT)) {
      all.add(((Number) datom.e()).longValue());
    }
    all.forEach(e -> ask(e, db, changed));
  }

  @Override
  public void advance(Change change, Database db, Set<Long> sighted, Set<Long> changed) {
    if (change.isOfSchema()) {
      evaluate(db, changed);
      return;
    }
    Set<Long> touched = new HashSet<>();
    change.transaction().datoms().forEach(datom -> touched.add(datom.e()));
    touched.forEach(e -> ask(e, db, changed));
  }

  private void ask(long e, Database db, Set<Long> changed) {
    if (EntityIds.isSchema(e)) {
      return;
    }
    Map<Keyword, Set<Object>> facts = new HashMap<>();
    Schema now = schema.get();
    for (datomic.Datom found : db.datoms(Database.EAVT, e)) {
      Datom datom = DatomicFactView.translate(found);
      Keyword attribute = now.ident(datom.a());
      if (attribute != null) {
        facts.computeIfAbsent(attribute, any -> new HashSet<>()).add(datom.v());
      }
    }
    boolean sees = !facts.isEmpty() && predicate.sees(user, facts);
    if (sees ? chosen.add(e) : chosen.remove(e)) {
      changed.add(e);
      room.changed(sees ? MemberRoom.CHOSEN_BYTES : -MemberRoom.CHOSEN_BYTES);
    }
  }
}
