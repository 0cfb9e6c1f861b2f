package dev.rebasis.client;

import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * A new result of a live query. Immutable.
 *
 * @param database the optimistic view that it was computed on
 * @param result the whole result, as {@link Database#query} gives it; null for a scalar or tuple that there is none of
 * @param added what is in it and was not in the one before, all of it the first time: rows, or the values of a
 *     collection, in no order; for a tuple or a scalar the one row or value, whole. Empty only for a first result without
 *     rows, if rows were only removed, and for the first result after an error
 * @param removed what was in the one before and is not in it
 * @param first whether this is the first result
 * @param batches how many batches of transactions it takes in, 0 for the first result. More than 1 means that the
 *     listener was slow and results in between were left out
 */
public record QueryChange(
    Database database, Object result, List<Object> added, List<Object> removed, boolean first, int batches) {
  /** Checks for nulls. */
  public QueryChange {
    Objects.requireNonNull(database, "database");
    added = Collections.unmodifiableList(added);
    removed = Collections.unmodifiableList(removed);
  }
}
