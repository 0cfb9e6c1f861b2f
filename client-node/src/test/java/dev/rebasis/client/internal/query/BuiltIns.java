package dev.rebasis.client.internal.query;

import java.util.Set;
import java.util.TreeSet;

/** What queries can call without anybody having registered it, for tests elsewhere. Pure. */
public final class BuiltIns {
  private BuiltIns() {}

  /** The names of the functions, as queries write them. */
  public static Set<String> functions() {
    return new TreeSet<>(Functions.names());
  }

  /** The names of the aggregates. */
  public static Set<String> aggregates() {
    return new TreeSet<>(Aggregates.names());
  }
}
