package dev.rebasis.conflict;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.Values;
import java.util.List;
import java.util.TreeSet;

/**
 * Turns a meeting of two changes of one {@code (e a)} into the values that it shall have. A pure function: client and
 * server run it and must come to the same.
 */
interface Policy {
  /** As it is recorded, for example {@code :rebasis.policy/last-writer-wins}. */
  Keyword ident();

  /**
   * The values after the decision. For cardinality many these are only the values that met; the others of the
   * attribute stay as they are.
   *
   * @param base the values on the base
   * @param local the values that the intent wants there
   * @param remote the values that the others left
   */
  List<Object> resolve(List<Object> base, List<Object> local, List<Object> remote);

  /** The intent is decided later than what it meets, so it wins. */
  Policy LAST_WRITER_WINS = of(":rebasis.policy/last-writer-wins", (base, local, remote) -> local);

  /** What either side asserted stays. */
  Policy ADD_WINS = of(":rebasis.policy/add-wins", (base, local, remote) -> {
    TreeSet<Object> union = new TreeSet<>(Values::compare);
    union.addAll(local);
    union.addAll(remote);
    return List.copyOf(union);
  });

  /** A function with three arguments. */
  @FunctionalInterface
  interface Function {
    List<Object> resolve(List<Object> base, List<Object> local, List<Object> remote);
  }

  private static Policy of(String ident, Function function) {
    Keyword keyword = Keyword.of(ident);
    return new Policy() {
      @Override
      public Keyword ident() {
        return keyword;
      }

      @Override
      public List<Object> resolve(List<Object> base, List<Object> local, List<Object> remote) {
        return function.resolve(base, local, remote);
      }
    };
  }
}
