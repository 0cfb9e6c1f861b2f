package dev.rebasis.simulations.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.access.Authenticator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands of {@code rebasis client}, run as a person would: on a store of their own, and against a real server.
 * What they refuse is in {@code BadInputTest}.
 */
class ClientCommandTest {
  private static final String SCHEMA = """
      [{:db/ident :order/number :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :order/quantity :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :order/parent :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}]""";
  private static final String NUMBERS = "[:find ?n ?q :where [?o :order/number ?n] [?o :order/quantity ?q]]";

  @TempDir private Path folder;

  private String entityOf(String number) {
    return client("q", "[:find ?e . :where [?e :order/number \"" + number + "\"]]").done().strip();
  }

  private CommandRun client(String command, String... more) {
    return clientOf("store", command, more);
  }

  private CommandRun clientOf(String store, String command, String... more) {
    String[] args = new String[4 + more.length];
    args[0] = "client";
    args[1] = command;
    args[2] = "--store";
    args[3] = folder.resolve(store).toString();
    System.arraycopy(more, 0, args, 4, more.length);
    return CommandRun.of(args);
  }

  @Test
  void aStoreWithoutAServerIsADatabase() throws IOException {
    Path schema = Files.writeString(folder.resolve("schema.edn"), SCHEMA);
    assertThat(client("transact", "--create", "@" + schema).done()).contains("transaction 1 of this store", "pending, made on T 0");
    assertThat(client("transact", "[{:db/id \"o\" :order/number \"A-1\" :order/quantity 3 :order/parent \"p\"}"
        + " {:db/id \"p\" :order/number \"A-2\" :order/quantity 4}]").done()).containsPattern("tempids \\{.*\"o\" -\\d+");

    assertThat(client("q", NUMBERS).done()).isEqualToNormalizingNewlines("[\"A-1\" 3]\n[\"A-2\" 4]\n");
    // The schema is pending too: what is confirmed knows no orders.
    client("q", NUMBERS, "--confirmed").refused("There is no entity :order/number");
    assertThat(client("q", "[:find ?q . :in $ ?n :where [?o :order/number ?n] [?o :order/quantity ?q]]", "\"A-2\"").done())
        .isEqualToNormalizingNewlines("4\n");
    assertThat(client("entity", "[:order/number \"A-1\"]").done()).containsPattern(
        "(?s):db/id -\\d+\\R:order/number \"A-1\"\\R:order/parent \\{:db/id -\\d+}\\R:order/quantity 3\\R");
    assertThat(client("pull", "[:order/number {:order/parent [:order/number]}]", "[:order/number \"A-1\"]").done())
        .isEqualToNormalizingNewlines("{:order/number \"A-1\", :order/parent {:order/number \"A-2\"}}\n");
    assertThat(client("pull", "[:order/number]", "[:order/number \"none\"]").done())
        .isEqualToNormalizingNewlines("nil\n");
    assertThat(client("pending").done()).contains("1 ", ":order/number", "2 pending");
    assertThat(client("conflicts").done()).isEqualToNormalizingNewlines("0 merged, parked or rejected\n");
    assertThat(client("status").done()).containsPattern("pending +2\\R").containsPattern("state +OFFLINE\\R")
        .containsPattern("database +none yet").doesNotContain("server's T");
    assertThat(client("verify").done()).isEqualToNormalizingNewlines("sound at T 0, 2 pending\n");
  }

  @Test
  void inputsThatBeginWithAMinusComeAfterTwo() {
    client("transact", "--create", SCHEMA).done();
    String made = client("transact", "[{:db/id \"o\" :order/number \"low\" :order/quantity -5}]").done();
    String id = made.replaceFirst("(?s).*\"o\" (-\\d+).*", "$1");

    assertThat(client("q", "[:find [?n ...] :in $ ?q :where [?o :order/quantity ?q] [?o :order/number ?n]]", "--", "-5")
        .done()).isEqualToNormalizingNewlines("\"low\"\n");
    assertThat(client("entity", "--", id).done()).contains(":db/id " + id, ":order/number \"low\"");
  }

  @Test
  void whatWasWrittenOfflineIsSyncedAndConflictsAreListed() {
    try (RebasisServer server = RebasisServer.builder().inMemory().schema("orders", SCHEMA).start()) {
      String uri = server.uri().toString();
      assertThat(client("sync", "--create", "--server", uri).done()).contains("0 pending");
      clientOf("other", "sync", "--create", "--server", uri).done();
      assertThat(client("transact", "--server", uri, "[{:db/id \"o\" :order/number \"A-1\" :order/quantity 1}]").done())
          .contains("accepted at T ").containsPattern("\"o\" \\d+");

      clientOf("other", "sync", "--server", uri).done();
      String t = client("status").done().replaceFirst("(?s).*basis T +(\\d+).*", "$1");
      client("transact", "[[:db/add [:order/number \"A-1\"] :order/quantity 2]]").done();
      clientOf("other", "transact", "[[:db/add [:order/number \"A-1\"] :order/quantity 3]]").done();
      client("sync", "--server", uri).done();
      assertThat(clientOf("other", "sync", "--server", uri).done()).contains("1 merged", "0 pending");

      assertThat(clientOf("other", "conflicts").done()).contains(
          "merged at T ", ":order/quantity: was [1], here [3], there [2]; now [3] by last-writer-wins",
          "1 merged, parked or rejected", "; written there by client ", " at 20");
      assertThat(clientOf("other", "conflicts", "--attribute", ":order/quantity", "--since", "2020-01-01T00:00:00Z",
          "--state", "RESOLVED", "--entity", entityOf("A-1")).done()).contains("1 merged, parked or rejected");
      assertThat(clientOf("other", "conflicts", "--attribute", ":order/number").done()).startsWith("0 merged");
      assertThat(clientOf("other", "conflicts", "--since", "2200-01-01T00:00:00Z").done()).startsWith("0 merged");
      assertThat(clientOf("other", "conflicts", "--state", "OPEN").done()).startsWith("0 merged");
      clientOf("other", "conflicts", "--attribute", "order/quantity").misused("order/quantity");
      clientOf("other", "conflicts", "--since", "yesterday").misused("yesterday");
      assertThat(client("q", "--server", uri, NUMBERS).done()).isEqualToNormalizingNewlines("[\"A-1\" 3]\n");
      assertThat(client("q", "--as-of", t, NUMBERS).done()).isEqualToNormalizingNewlines("[\"A-1\" 1]\n");
      assertThat(client("entity", "--as-of", t, "[:order/number \"A-1\"]").done()).contains(":order/quantity 1");
      assertThat(client("pull", "--since", t, "[:order/quantity :order/number]", entityOf("A-1")).done())
          .isEqualToNormalizingNewlines("{:order/quantity 3}\n");
      client("q", "--as-of", "yesterday", NUMBERS).refused("yesterday");
      assertThat(client("status", "--server", uri).done()).containsPattern("state +LIVE\\R").containsPattern("client number +\\d");
      assertThat(client("verify").done()).startsWith("sound at T ");
      assertThat(client("verify", "--server", uri).done()).contains("the same as the server at T ", "sound at T ");
    }
  }

  @Test
  void aTransactionThatTheServerRejectsIsNotASuccess() {
    try (RebasisServer server = RebasisServer.builder().inMemory().schema("orders", SCHEMA).start()) {
      String uri = server.uri().toString();
      client("transact", "--create", "--server", uri, "[{:order/number \"A-1\" :order/quantity 1}]").done();
      clientOf("other", "sync", "--create", "--server", uri).done();
      clientOf("other", "transact", "[[:db/cas [:order/number \"A-1\"] :order/quantity 1 5]]").done();
      client("transact", "--server", uri, "[[:db/add [:order/number \"A-1\"] :order/quantity 2]]").done();

      assertThat(clientOf("other", "sync", "--server", uri).done()).contains("1 rejected", "conflicts` says why");
      assertThat(clientOf("other", "conflicts").done()).contains("rejected at T ", ":db.error/cas-failed");

      String parked = clientOf("other", "parked").done();
      assertThat(parked).contains(":db.error/cas-failed", "1 parked or rejected");
      String id = parked.replaceFirst("(?s)\\d+ (\\S+) .*", "$1");
      assertThat(clientOf("other", "retry", "--server", uri, id).status()).as("the same cannot be made now").isEqualTo(1);
      assertThat(clientOf("other", "retry", "--server", uri, id,
          "[[:db/cas [:order/number \"A-1\"] :order/quantity 2 5]]").done()).contains("accepted at T ");
      assertThat(clientOf("other", "parked").done()).contains("0 parked or rejected");
      clientOf("other", "retry", id).refused("rebasis: ");
    }
  }

  @Test
  void whatIsParkedCanBeDiscardedAndWhatIsPendingPreviewedAndUndone() {
    try (RebasisServer server = RebasisServer.builder().inMemory().schema("orders", SCHEMA).start()) {
      String uri = server.uri().toString();
      client("transact", "--create", "--server", uri, "[{:order/number \"A-1\" :order/quantity 1}]").done();
      clientOf("other", "sync", "--create", "--server", uri).done();
      clientOf("other", "transact", "[[:db/add [:order/number \"A-1\"] :order/quantity 7]]").done();
      assertThat(clientOf("other", "preview").done()).contains("accepted", "1 pending");
      clientOf("other", "preview", "--server", uri).misused("--server");
      assertThat(clientOf("other", "preview", "--policy", ":order/quantity=:rebasis.policy/max").done())
          .contains("accepted", "1 pending");
      clientOf("other", "preview", "--policy", ":order/quantity=max").misused(":order/quantity=max");
      clientOf("other", "preview", "--policy", ":order/quantity=:rebasis.policy/maxi").refused(":rebasis.policy/maxi");
      client("transact", "--server", uri, "[[:db/retractEntity [:order/number \"A-1\"]]]").done();

      assertThat(clientOf("other", "sync", "--server", uri).done()).contains("1 parked");
      String id = clientOf("other", "parked").done().replaceFirst("(?s)\\d+ (\\S+) .*", "$1");
      assertThat(clientOf("other", "discard", id).done()).contains("0 parked or rejected");
      clientOf("other", "discard", id).refused("rebasis: ");
      clientOf("other", "discard", "seven").misused("seven");

      String made = clientOf("other", "transact", "[{:order/number \"B-1\"}]").done();
      String mine = made.replaceFirst("(?s).*, id (\\S+).*", "$1");
      assertThat(clientOf("other", "undo", mine).done()).contains("never sent");
      assertThat(clientOf("other", "pending").done()).contains("0 pending");
      String sent = clientOf("other", "transact", "--server", uri, "[{:order/number \"B-2\"}]").done()
          .replaceFirst("(?s).*, id (\\S+).*", "$1");
      assertThat(clientOf("other", "undo", "--server", uri, sent).done()).contains("accepted at T ");
      assertThat(clientOf("other", "q", "[:find [?n ...] :where [_ :order/number ?n]]").done()).isEmpty();
    }
  }

  @Test
  void whatIsPendingCanBeBoundTogether() {
    client("transact", "--create", "[{:db/ident :n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]").done();
    List<String> ids = new ArrayList<>();
    for (int n = 1; n <= 3; n++) {
      ids.add(client("transact", "[{:n " + n + "}]").done().replaceFirst("(?s).*, id (\\S+).*", "$1"));
    }
    assertThat(client("bind", ids.get(2), ids.get(0)).done()).containsSubsequence("bound 2", ids.get(0), ids.get(2));
    assertThat(client("pending").done()).containsSubsequence(ids.get(1), ids.get(0), ids.get(2));
    client("bind", ids.get(0), ids.get(1)).refused("belongs to a group already");
    client("bind", ids.get(0)).misused("ID");
    client("undo", ids.get(2)).done();
    assertThat(client("pending").done()).contains(ids.get(1)).doesNotContain(ids.get(0));
  }

  @Test
  void aTrimmedStoreGoesOn() {
    try (RebasisServer server = RebasisServer.builder().inMemory().schema("orders", SCHEMA).start()) {
      String uri = server.uri().toString();
      client("transact", "--create", "--server", uri, "[{:order/number \"A-1\" :order/quantity 1}]").done();
      String t = client("status").done().replaceFirst("(?s).*basis T +(\\d+).*", "$1");
      client("transact", "--server", uri, "[[:db/add [:order/number \"A-1\"] :order/quantity 2]]").done();
      assertThat(client("q", "--as-of", t, NUMBERS).done()).isEqualToNormalizingNewlines("[\"A-1\" 1]\n");
      client("transact", "[{:db/id \"o\" :order/quantity 3 :order/parent [:order/number \"A-1\"]}]").done();

      assertThat(client("trim").done()).contains("The history is complete from T ");
      client("q", "--as-of", t, NUMBERS).refused("complete from T");
      assertThat(client("q", NUMBERS).done()).isEqualToNormalizingNewlines("[\"A-1\" 2]\n");
      assertThat(client("pending").done()).contains("1 pending");
      assertThat(client("verify").done()).startsWith("sound at T ");
      assertThat(client("sync", "--server", uri).done()).contains("0 pending");
      assertThat(client("verify", "--server", uri).done()).contains("the same as the server at T ");
      assertThat(client("q", "[:find ?q . :where [?o :order/parent ?p] [?p :order/number \"A-1\"] [?o :order/quantity ?q]]")
          .done()).isEqualToNormalizingNewlines("3\n");
    }
  }

  @Test
  void aRestoredBackupPushesEachOnceAndGoesOn() {
    try (RebasisServer server = RebasisServer.builder().inMemory().schema("orders", SCHEMA).start()) {
      String uri = server.uri().toString();
      client("transact", "--create", "--server", uri, "[{:order/number \"A-1\" :order/quantity 1}]").done();
      client("transact", "[{:db/id \"x\" :order/quantity 77}]").done();
      Path copy = folder.resolve("copy");
      assertThat(client("backup", copy.toString()).done()).contains("Wrote a copy of the store to ");
      client("backup", copy.toString()).refused("rebasis: ");
      assertThat(client("sync", "--server", uri).done()).contains("0 pending");
      client("transact", "--server", uri, "[{:order/number \"A-2\" :order/quantity 2}]").done();

      assertThat(clientOf("copy", "pending").done()).contains("1 pending");
      clientOf("copy", "transact", "[{:order/number \"C-1\" :order/quantity 3}]").done();
      assertThat(clientOf("copy", "sync", "--server", uri).done()).contains("0 pending");
      assertThat(clientOf("copy", "verify", "--server", uri).done()).contains("the same as the server at T ");
      client("transact", "--server", uri, "[{:order/number \"A-3\" :order/quantity 4}]").done();
      clientOf("copy", "sync", "--server", uri).done();
      assertThat(clientOf("copy", "q", "[:find (count ?o) . :where [?o :order/quantity 77]]").done())
          .as("what both had pending").isEqualToNormalizingNewlines("1\n");
      assertThat(clientOf("copy", "q", NUMBERS).done())
          .isEqualToNormalizingNewlines("[\"A-1\" 1]\n[\"A-2\" 2]\n[\"A-3\" 4]\n[\"C-1\" 3]\n");
    }
  }

  @Test
  void aServerThatAsksForATokenGetsTheOneThatWasGiven() {
    Authenticator one = token -> {
      if (!"open-sesame".equals(token)) {
        throw Authenticator.unauthorized("This token is not known.");
      }
      return null;
    };
    try (RebasisServer server = RebasisServer.builder().inMemory().authenticator(one).start()) {
      String uri = server.uri().toString();
      assertThat(client("sync", "--create", "--server", uri, "--token", "open-sesame").done()).contains("0 pending");
      assertThat(client("sync", "--server", uri, "--token", "wrong", "--timeout", "5").status()).isEqualTo(1);
    }
  }

  @Test
  void eachCommandHasHelp() {
    assertThat(CommandRun.of("client", "--help").done()).contains("status", "transact", "verify");
    for (String command : new String[] {"status", "transact", "q", "pull", "entity", "sync", "pending", "preview", "conflicts",
        "parked", "retry", "discard", "bind", "undo", "verify", "backup", "trim"}) {
      assertThat(CommandRun.of("client", command, "--help").done()).contains("Usage: rebasis client " + command, "--store");
    }
    CommandRun.of("client").misused("Name a command.");
    CommandRun.of("client", "status").misused("--store");
    client("sync").misused("--server");
    client("status", "--timeout", "0").misused("--timeout");
  }
}
