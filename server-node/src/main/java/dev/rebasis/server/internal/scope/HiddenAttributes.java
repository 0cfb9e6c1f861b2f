package dev.rebasis.server.internal.scope;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.protocol.RebasisSchema;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which attributes a role does not see, by a schema. Pure functions. */
public final class HiddenAttributes {
  /** What the server records about conflicts, which quotes values. */
  public static final List<Keyword> CONFLICTS = List.of(RebasisSchema.TX_CONFLICTS, RebasisSchema.CONFLICT_KIND,
      RebasisSchema.CONFLICT_ENTITY, RebasisSchema.CONFLICT_ATTRIBUTE, RebasisSchema.CONFLICT_BASE,
      RebasisSchema.CONFLICT_LOCAL, RebasisSchema.CONFLICT_REMOTE, RebasisSchema.CONFLICT_RESOLVED,
      RebasisSchema.CONFLICT_POLICY, RebasisSchema.CONFLICT_REMOTE_TX);
  /** What quotes whole transactions, or the values that they met. */
  public static final List<Keyword> QUOTING = List.of(RebasisSchema.TX_FORMS, RebasisSchema.TX_MESSAGE);

  private HiddenAttributes() {}

  /** The attributes that have these names, and the composite tuples of which one of them is a part. */
  public static Set<Long> of(Collection<Keyword> names, Schema schema) {
    Set<Long> ids = ids(names, schema);
    for (long part : Set.copyOf(ids)) {
      schema.compositesOf(part).stream().map(Attribute::id).forEach(ids::add);
    }
    return ids;
  }

  /** The ids that some names have, of those that are there. */
  public static Set<Long> ids(Collection<Keyword> names, Schema schema) {
    Set<Long> ids = new HashSet<>();
    for (Keyword name : names) {
      Long id = schema.entid(name);
      if (id != null) {
        ids.add(id);
      }
    }
    return ids;
  }
}
