package dev.rebasis.client.internal.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/**
 * The set against the JDK's TreeSet. Method: random additions and removals, after each a comparison of content, size and
 * iteration from a random place, and at the end of every earlier version with its copy, to show that none changed.
 */
class PersistentSortedSetTest {
  private static PersistentSortedSet<Integer> empty() {
    return PersistentSortedSet.empty(Comparator.<Integer>naturalOrder());
  }

  private static <T> List<T> list(Iterator<T> iterator) {
    List<T> all = new ArrayList<>();
    iterator.forEachRemaining(all::add);
    return all;
  }

  /** Positive: add. Negative: remove the absolute value. */
  @Property(tries = 300)
  void behavesLikeATreeSet(@ForAll @Size(max = 400) List<@IntRange(min = -300, max = 300) Integer> operations) {
    PersistentSortedSet<Integer> set = empty();
    TreeSet<Integer> model = new TreeSet<>();
    List<PersistentSortedSet<Integer>> versions = new ArrayList<>();
    List<List<Integer>> copies = new ArrayList<>();
    for (int operation : operations) {
      int element = Math.abs(operation);
      set = operation >= 0 ? set.add(element) : set.remove(element);
      boolean changes = operation >= 0 ? model.add(element) : model.remove(element);
      assertThat(changes).isEqualTo(versions.isEmpty() ? operation >= 0 : set != versions.get(versions.size() - 1));
      assertThat(set.size()).isEqualTo(model.size());
      assertThat(set.contains(element)).isEqualTo(model.contains(element));
      assertThat(list(set.from(element))).isEqualTo(List.copyOf(model.tailSet(element)));
      versions.add(set);
      copies.add(List.copyOf(model));
    }
    for (int i = 0; i < versions.size(); i++) {
      assertThat(list(versions.get(i).iterator())).isEqualTo(copies.get(i));
    }
  }

  @Test
  void tenThousandElementsInAndOutAgain() {
    PersistentSortedSet<Integer> set = empty();
    for (int i = 0; i < 10_000; i++) {
      set = set.add(i * 7919 % 10_000);
    }
    assertThat(set.size()).isEqualTo(10_000);
    assertThat(list(set.from(9_990))).containsExactly(9_990, 9_991, 9_992, 9_993, 9_994, 9_995, 9_996, 9_997, 9_998, 9_999);
    for (int i = 0; i < 10_000; i++) {
      set = set.remove(i * 6271 % 10_000);
      assertThat(set.size()).isEqualTo(9_999 - i);
    }
    assertThat(set.iterator().hasNext()).isFalse();
  }

  @Test
  void putReplacesAnEqualElementAndAddKeepsIt() {
    PersistentSortedSet<String> set = PersistentSortedSet.empty(String.CASE_INSENSITIVE_ORDER);
    set = set.add("a").add("A");
    assertThat(set.get("A")).isEqualTo("a");
    assertThat(set.put("A").get("a")).isEqualTo("A");
    assertThat(set.put("A").size()).isEqualTo(1);
    assertThat(set.get("b")).isNull();
  }

  @Test
  void anIteratorEndsWithAnError() {
    Iterator<Integer> iterator = empty().add(1).iterator();
    iterator.next();
    assertThatThrownBy(iterator::next).isInstanceOf(NoSuchElementException.class);
  }
}
