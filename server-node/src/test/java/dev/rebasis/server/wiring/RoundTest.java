package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Goal: a database that does not answer costs the others nothing. Method: rounds in which some fail. */
class RoundTest {
  private final Set<String> away = new HashSet<>();
  private final List<String> told = new ArrayList<>();
  private final Round<String> round = new Round<>();

  private void tell(String news, String... all) {
    told.clear();
    round.tell(news, List.of(all), one -> {
      told.add(one);
      if (away.contains(one)) {
        throw new IllegalStateException(one + " is away");
      }
    });
  }

  @Test
  void allAreToldThoughSomeFail_andOnlyTheseAgain() {
    away.addAll(List.of("a", "c"));
    assertThatThrownBy(() -> tell("new", "a", "b", "c", "d")).hasMessage("a is away")
        .satisfies(e -> assertThat(e.getSuppressed()).singleElement().hasToString("java.lang.IllegalStateException: c is away"));
    assertThat(told).containsExactly("a", "b", "c", "d");
    away.remove("a");
    assertThatThrownBy(() -> tell("new", "a", "b", "c", "d")).hasMessage("c is away");
    assertThat(told).containsExactly("a", "c");
    tell("new", "a", "b", "d");
    assertThat(told).as("c is another one now, which begins with what is new").isEmpty();
    tell("new", "a", "b", "d");
    assertThat(told).as("nobody was left, so it is said on purpose").containsExactly("a", "b", "d");
  }

  @Test
  void otherNewsAreForAll() {
    away.add("b");
    assertThatThrownBy(() -> tell("new", "a", "b")).hasMessage("b is away");
    away.clear();
    tell("former", "a", "b");
    assertThat(told).containsExactly("a", "b");
  }
}
