package dev.rebasis.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.server.access.Authenticator;
import dev.rebasis.server.access.TokenFile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Goal: files that are tried again change nothing for who goes by them already. Method: servers that fail once. */
class AccessFilesTest {
  private static final RebasisException AWAY =
      new RebasisException(Keyword.of(":test/away"), ErrorCategory.RETRY_LATER, "It is away.");
  private static final List<String> RULES = List.of("{:roles {:clerk {}}}");

  @Test
  void rulesThatOneDatabaseCouldNotTakeUp_areNotToldTheOthersAgain() {
    Map<String, Integer> told = new HashMap<>();
    WatchedFiles.Change change = AccessOptions.ruling(List.of("a", "b", "c"), (database, rules) -> {
      if (told.merge(database, 1, Integer::sum) == 1 && database.equals("b")) {
        throw AWAY;
      }
    });
    assertThatThrownBy(() -> change.to(RULES)).isSameAs(AWAY);
    change.to(RULES);
    assertThat(told).isEqualTo(Map.of("a", 1, "b", 2, "c", 1));
    change.to(List.of("{:roles {:clerk {:write []}}}"));
    assertThat(told).isEqualTo(Map.of("a", 2, "b", 3, "c", 2));
  }

  @Test
  void theSameTokensTriedAgain_areTheSameToTheServer() {
    List<Authenticator> used = new ArrayList<>();
    WatchedFiles.Change change =
        AccessOptions.authenticating(used::add, text -> TokenFile.parse("tokens", text.lines().toList()));
    change.to(List.of("0123456789abcdef ann clerk"));
    change.to(List.of("0123456789abcdef ann clerk"));
    change.to(List.of("fedcba9876543210 ann clerk"));
    change.to(List.of("0123456789abcdef ann clerk"));
    assertThat(used.get(1)).isSameAs(used.get(0));
    assertThat(used.get(2)).isNotSameAs(used.get(0));
    assertThat(used.get(3)).as("what is put back is told anew").isNotSameAs(used.get(0)).isNotSameAs(used.get(2));
  }
}
