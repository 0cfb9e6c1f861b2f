package dev.rebasis.server.internal.master;

import datomic.Database;
import datomic.Datom;
import datomic.Entity;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.RebasisSchema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;

/**
 * What a database was asked to excise and still holds, for an operator to look at before it is done. Pure functions but for
 * reading.
 */
public final class ExcisionList {
  private ExcisionList() {}

  /**
   * One request.
   *
   * @param target an entity id, or the name of an attribute or of another entity that has one
   * @param attributes the attributes of the entity that are meant; empty for all
   * @param before only facts from before this T or time, as it was given; null for all up to the request
   * @param t where it was asked for
   * @param user who asked; null for the server's own program, or if nobody has a name
   */
  public record Asked(String target, List<Keyword> attributes, String before, long t, String user) {}

  /** The open requests, by T. */
  public static List<Asked> of(Database database) {
    List<Asked> asked = new ArrayList<>();
    for (Datom datom : database.datoms(Database.AEVT, ExcisionRequests.EXCISE.toString())) {
      Entity request = database.entity(datom.e());
      if (!Boolean.TRUE.equals(request.get(RebasisSchema.EXCISION_DONE.toString()))) {
        asked.add(asked(database, datom, request));
      }
    }
    asked.sort((x, y) -> Long.compare(x.t(), y.t()));
    return asked;
  }

  private static Asked asked(Database database, Datom datom, Entity request) {
    Object name = database.ident(datom.v());
    List<Keyword> attributes = new ArrayList<>();
    for (Datom attribute : database.datoms(Database.EAVT, datom.e(), ExcisionRequests.ATTRS.toString())) {
      attributes.add(DatomicValues.keyword((clojure.lang.Keyword) database.ident(attribute.v())));
    }
    Object before = request.get(ExcisionRequests.BEFORE_T.toString());
    if (before == null) {
      before = request.get(ExcisionRequests.BEFORE.toString()) instanceof Date date ? Instant.ofEpochMilli(date.getTime()) : null;
    }
    return new Asked(name == null ? datom.v().toString() : name.toString(), List.copyOf(attributes),
        before == null ? null : before.toString(), EntityIds.tOf((Long) datom.tx()),
        (String) database.entity(datom.tx()).get(RebasisSchema.TX_USER.toString()));
  }
}
