package dev.rebasis.conflict;

import dev.rebasis.data.EntityId;
import dev.rebasis.data.Keyword;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.LongUnaryOperator;

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
    return each(plain, id -> id < 0 ? ids.resolve(id) : id);
  }

  /**
   * As plain data again, with other ids for the entities.
   *
   * @param ids from the id that stands there to the one that is to
   */
  public static List<Object> renamed(List<Object> plain, LongUnaryOperator ids) {
    return each(plain, id -> List.of(ID, ids.applyAsLong(id)));
  }

  private static List<Object> each(List<Object> plain, LongFunction<Object> entity) {
    List<Object> changed = new ArrayList<>(plain.size());
    for (Object input : plain) {
      boolean named = input instanceof List<?> pair && pair.size() == 2 && pair.get(0) == ID
          && pair.get(1) instanceof Long;
      changed.add(named ? entity.apply((Long) ((List<?>) input).get(1)) : input);
    }
    return changed;
  }
}
