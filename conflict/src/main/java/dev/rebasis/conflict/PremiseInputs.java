package dev.rebasis.conflict;

import dev.rebasis.data.EntityId;
import dev.rebasis.data.Keyword;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The inputs of a premise's query as they are kept and sent. An entity given by {@link EntityId} is written
 * {@code [:db/id id]}, so that a local id is known from a negative number. Pure.
 */
public final class PremiseInputs {
  private static final Keyword ID = Keyword.of(":db/id");

  private PremiseInputs() {}

  /** As plain data. */
  public static List<Object> plain(List<Object> inputs) {
    List<Object> plain = new ArrayList<>(inputs.size());
    for (Object input : inputs) {
      plain.add(input instanceof EntityId id ? List.of(ID, id.id()) : PlainData.of(input, inputs));
    }
    return Collections.unmodifiableList(plain);
  }

  /** As a query takes them: entities by the ids that they have now. */
  public static List<Object> resolved(List<Object> plain, LocalIds ids) {
    List<Object> resolved = new ArrayList<>(plain.size());
    for (Object input : plain) {
      boolean entity = input instanceof List<?> pair && pair.size() == 2 && pair.get(0) == ID
          && pair.get(1) instanceof Long;
      resolved.add(entity ? (Object) resolve((Long) ((List<?>) input).get(1), ids) : input);
    }
    return resolved;
  }

  private static long resolve(long id, LocalIds ids) {
    return id < 0 ? ids.resolve(id) : id;
  }
}
