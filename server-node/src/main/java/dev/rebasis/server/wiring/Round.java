package dev.rebasis.server.wiring;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Tells several databases the same. One that cannot take it up keeps nobody else from it, and whoever tries again tells only those
 * that have not taken it up: to hear it twice would end their sessions once more. For one thread at a time; the lock is the
 * caller's.
 *
 * @param <D> what stands for a database
 */
public final class Round<D> {
  private Object news;
  private Set<D> left = Set.of();

  /**
   * Tells all, or those that failed the last time if that was with the same news.
   *
   * @param news compared by {@code equals} with those of the last time
   * @param all who is there now
   * @param tell tells one; throws if it cannot
   * @throws RuntimeException what the first one that failed threw, with the others' as suppressed ones, after all have been told
   */
  public void tell(Object news, Collection<? extends D> all, Consumer<? super D> tell) {
    List<D> now = new ArrayList<>(all);
    if (!left.isEmpty() && news.equals(this.news)) {
      now.retainAll(left);
    }
    Set<D> failed = new HashSet<>();
    RuntimeException why = null;
    for (D one : now) {
      try {
        tell.accept(one);
      } catch (RuntimeException e) {
        failed.add(one);
        if (why == null) {
          why = e;
        } else {
          why.addSuppressed(e);
        }
      }
    }
    this.news = news;
    left = failed;
    if (why != null) {
      throw why;
    }
  }
}
