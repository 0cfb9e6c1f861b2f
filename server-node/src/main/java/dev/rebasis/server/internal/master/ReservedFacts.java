package dev.rebasis.server.internal.master;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.protocol.RebasisSchema;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a pushed transaction may not say: the server's own records, their schema, and the time; and, but for an operator's, that
 * facts are to be destroyed. Immutable.
 */
final class ReservedFacts {
  private static final String PREFIX = "rebasis.";

  private static final Set<Keyword> SINGLE = Set.of(RebasisSchema.EXCISED, RebasisSchema.POLICY);

  private final Set<Long> attributes = new HashSet<>();
  private final Set<Long> excision = new HashSet<>();
  private final Set<Long> entities = new HashSet<>();
  private final Schema schema;

  ReservedFacts(Schema schema) {
    this.schema = schema;
    for (Attribute attribute : schema.attributes()) {
      if (isReserved(attribute.ident())) {
        attributes.add(attribute.id());
        entities.add(attribute.id());
      }
      if (isOfExcision(attribute.ident())) {
        excision.add(attribute.id());
      }
    }
    for (Keyword single : SINGLE) {
      Long id = schema.entid(single);
      if (id != null) {
        entities.add(id);
      }
    }
    Long excised = schema.entid(RebasisSchema.EXCISED);
    if (excised != null) {
      attributes.add(excised);
    }
    attributes.add(schema.entid(Names.TX_INSTANT));
    Long database = schema.entid(RebasisSchema.DATABASE);
    if (database != null) {
      entities.add(database);
    }
  }

  /** The schema that this was made for. */
  Schema schema() {
    return schema;
  }

  /** The first datom's offence in words, or null. */
  String offence(List<Datom> datoms, Access access) {
    for (Datom datom : datoms) {
      if (!access.mayExcise() && excision.contains(datom.a())) {
        return "Only users with the role '" + Access.OPERATOR + "' may ask for facts to be excised, in a transaction of"
            + " their own. Leave " + schema.ident(datom.a()) + " out.";
      }
      if (attributes.contains(datom.a()) && !isConsequence(datom)) {
        return "The attribute " + schema.ident(datom.a()) + " is written by the server only. Leave it out.";
      }
      if (entities.contains(datom.e())) {
        return "The entity " + schema.ident(datom.e()) + " belongs to the server. Leave it as it is.";
      }
      if (datom.v() instanceof Keyword ident && isReserved(ident)
          && Names.DB_IDENT.equals(schema.ident(datom.a()))) {
        return "The ident " + ident + " is reserved: namespaces that begin with '" + PREFIX
            + "' belong to the server. Use another namespace.";
      }
    }
    return null;
  }

  /** Retracting an entity retracts what refers to it, and the record of a conflict may. */
  private boolean isConsequence(Datom datom) {
    return !datom.added() && RebasisSchema.CONFLICT_ENTITY.equals(schema.ident(datom.a()));
  }

  private static boolean isOfExcision(Keyword ident) {
    return ident.toString().equals(":db/excise") || "db.excise".equals(ident.namespace());
  }

  private static boolean isReserved(Keyword ident) {
    return ident.namespace() != null && ident.namespace().startsWith(PREFIX);
  }
}
