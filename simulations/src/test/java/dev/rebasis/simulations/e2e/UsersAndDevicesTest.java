package dev.rebasis.simulations.e2e;

import static dev.rebasis.simulations.e2e.EndToEnd.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rebasis.client.Credentials;
import dev.rebasis.client.Dependents;
import dev.rebasis.client.LeftBehind;
import dev.rebasis.client.Pending;
import dev.rebasis.client.Retry;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.access.User;
import dev.rebasis.server.cli.DevicesCommand;
import dev.rebasis.simulations.inside.Alone;
import dev.rebasis.simulations.inside.InsideCheck;
import dev.rebasis.simulations.inside.Opened;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * Goal: what waits belongs to the user who made it, and an operator can deal with a device that is lost. Method: a real
 * server whose tokens are the users' names, real clients, and the operator's pages over HTTP.
 */
@Alone
@ExtendWith(InsideCheck.class)
class UsersAndDevicesTest {
  private static final Tuning QUICK = Tuning.DEFAULT.withBackoff(Duration.ofMillis(1), Duration.ofMillis(20));
  private static final String SCHEMA = "[{:db/ident :item/name :db/valueType :db.type/string"
      + " :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}"
      + " {:db/ident :item/note :db/valueType :db.type/string :db/cardinality :db.cardinality/one"
      + " :rebasis/policy :rebasis.policy/park}]";

  @TempDir Path dir;
  private final HttpClient http = HttpClient.newHttpClient();

  private Opened opened;

  @BeforeEach
  void watch(Opened everything) {
    opened = everything;
  }

  private static RebasisServer server() {
    return RebasisServer.builder().inMemory().database("items").schema("items", SCHEMA)
        .authenticator(token -> new User(token, token.equals("olga") ? Set.of("operator") : Set.of(), null)).start();
  }

  private SyncClient client(RebasisServer server, String name, String user) {
    return opened.watched(name, SyncClient.builder().store(dir.resolve(name)).server(server.uri()).tuning(QUICK)
        .credentials(Credentials.bearer(user)).open());
  }

  private static CompletableFuture<RebasisException> error(SyncClient client, String code) {
    CompletableFuture<RebasisException> told = new CompletableFuture<>();
    client.onStateChange(status -> {
      if (status.lastError() != null && status.lastError().code().toString().equals(code)) {
        told.complete(status.lastError());
      }
    });
    return told;
  }

  @Test
  void whatWaitsIsNotPushedAsAnotherUsers() {
    try (RebasisServer server = server(); SyncClient client = client(server, "one", "ann")) {
      get(client.sync());
      client.goOffline();
      Pending pending = client.transact("[{:item/name \"ann's\"}]");
      CompletableFuture<RebasisException> refused = error(client, ":rebasis.error/other-user");
      client.login(Credentials.bearer("bob"));
      assertThat(get(refused).getMessage()).contains("bob").contains("ann");
      assertThat(client.pending()).hasSize(1);
      assertThat(catchThrowableOfType(RebasisException.class, () -> client.logout(LeftBehind.NOTHING)).code().toString())
          .isEqualTo(":rebasis.error/still-pending");
      client.login(Credentials.bearer("ann"));
      assertThat(get(pending.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      client.login(Credentials.bearer("bob"));
      // Nothing waits: what is made from now on is bob's, though the store has not met its server as bob yet.
      Pending bobs = client.transact("[{:item/name \"bob's\"}]");
      assertThat(get(bobs.outcome()).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      Object users = datomic.Peer.query("[:find ?n ?u :where [_ :item/name ?n ?tx] [?tx :rebasis.tx/user ?u]]",
          server.database());
      assertThat(users.toString()).contains("[\"ann's\" \"ann\"]").contains("[\"bob's\" \"bob\"]");
    }
  }

  @Test
  void aStoreIsDeletedOnlyWithNothingLeftBehindUnlessToldSo() {
    Path store = dir.resolve("local");
    SyncClient client = SyncClient.builder().store(store).open();
    client.transact("[{:db/id \"x\" :db/doc \"waits\"}]");
    assertThat(catchThrowableOfType(RebasisException.class, () -> client.wipe(LeftBehind.NOTHING)).code().toString())
        .isEqualTo(":rebasis.error/still-pending");
    assertThat(client.pending()).hasSize(1);
    client.wipe(LeftBehind.ANYTHING);
    assertThat(Files.exists(store)).isFalse();
  }

  private HttpResponse<String> ask(RebasisServer server, String user, String method, String page)
      throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(server.uri() + page))
        .method(method, HttpRequest.BodyPublishers.noBody()).header("Authorization", "Bearer " + user).build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  /** What {@code rebasis devices} prints. */
  private static String operator(RebasisServer server, String command, String... more) {
    return operator(0, server, command, more);
  }

  private static String operator(int expected, RebasisServer server, String command, String... more) {
    StringWriter out = new StringWriter();
    List<String> args = new ArrayList<>(List.of(command, "--server", server.uri().toString(), "--token", "olga"));
    args.addAll(List.of(more));
    int status = new CommandLine(new DevicesCommand()).setOut(new PrintWriter(out, true)).execute(args.toArray(String[]::new));
    assertThat(status).as(out.toString()).isEqualTo(expected);
    return out.toString();
  }

  private static String found(String regex, String in) {
    Matcher matcher = Pattern.compile(regex).matcher(in);
    assertThat(matcher.find()).as("%s in %s", regex, in).isTrue();
    return matcher.group(1);
  }

  @Test
  void whatALostDeviceLeftParkedIsTakenUpByTheOperator() throws Exception {
    try (RebasisServer server = server()) {
      long number;
      try (SyncClient lost = client(server, "lost", "ann"); SyncClient other = client(server, "other", "bob")) {
        // The schema is there then.
        get(lost.sync());
        get(lost.transact("[{:item/name \"A\" :item/note \"first\"}]").outcome());
        get(other.sync(server.t()));
        lost.goOffline();
        Pending parked = lost.transact("[[:db/add [:item/name \"A\"] :item/note \"by the lost one\"]"
            + " {:item/name \"B\" :item/note \"beside it\"}]");
        get(other.transact("[[:db/add [:item/name \"A\"] :item/note \"by another\"]]").outcome());
        lost.goOnline();
        assertThat(get(parked.outcome()).kind()).isEqualTo(OutcomeKind.PARKED);
        number = lost.status().clientNumber();
        CompletableFuture<RebasisException> revoked = error(lost, ":rebasis.error/device-revoked");
        assertThat(ask(server, "bob", "POST", "/devices/" + number + "/revoke").statusCode()).isEqualTo(403);
        assertThat(ask(server, "olga", "POST", "/devices/" + number + "/revoke").statusCode()).isEqualTo(200);
        assertThat(get(revoked).getMessage()).contains("revoked");
        Pending late = lost.transact("[{:item/name \"late\"}]");
        assertThat(late.outcome()).isNotDone();
      }
      assertThat(operator(server, "list"))
          .contains("{\"number\":" + number + ",").contains("\"revoked\":true,\"parked\":1")
          .containsPattern("\"number\":" + number + ",.*\"user\":\"ann\",\"connected\":false,\"lastContact\":\"20[^\"]*Z\","
              + "\"lastPush\":\"20[^\"]*Z\"");
      String list = operator(server, "parked", Long.toString(number));
      assertThat(list).contains("by the lost one").contains("\"user\":\"ann\"");
      String id = found("\"id\":\"([0-9a-f-]{36})\"", list);
      assertThat(operator(server, "retry", id)).contains("\"kind\":\"accepted\"");
      assertThat(operator(server, "list").split("\"number\"")).as("a retry makes no device").hasSize(1 + 2);
      Object notes = datomic.Peer.query("[:find ?n ?note :where [?i :item/name ?n] [?i :item/note ?note]]", server.database());
      assertThat(notes.toString()).contains("[\"A\" \"by the lost one\"]").contains("[\"B\" \"beside it\"]");
      assertThat(ask(server, "olga", "POST", "/parked/" + id + "/discard").statusCode()).isEqualTo(409);
      assertThat(ask(server, "olga", "GET", "/parked/" + id + "/retry").statusCode()).isEqualTo(405);
      assertThat(ask(server, "olga", "POST", "/devices/999/revoke").statusCode()).isEqualTo(409);
      assertThat(ask(server, "olga", "POST", "/devices/" + number + "/admit").statusCode()).isEqualTo(200);
      try (SyncClient back = client(server, "lost", "ann")) {
        get(back.sync());
        Retry again = back.retry(UUID.fromString(id));
        assertThat(get(again.transaction().outcome()).code()).as("the operator has done it")
            .hasToString(":rebasis.error/taken-up");
        back.discard(again.transaction().id(), Dependents.DISCARD);
        assertThat(back.parked()).isEmpty();
      }
    }
  }

  @Test
  void whatCannotBeTakenUpStaysParkedUntilItIsGivenUp() throws Exception {
    try (RebasisServer server = server()) {
      long number;
      try (SyncClient lost = client(server, "lost", "ann"); SyncClient other = client(server, "other", "bob")) {
        get(lost.sync());
        get(lost.transact("[{:item/name \"A\" :item/note \"first\"}]").outcome());
        get(other.sync(server.t()));
        lost.goOffline();
        Pending parked = lost.transact("[[:db/add [:item/name \"A\"] :item/note \"by the lost one\"]]");
        get(other.transact("[[:db/retractEntity [:item/name \"A\"]]]").outcome());
        lost.goOnline();
        assertThat(get(parked.outcome()).kind()).isEqualTo(OutcomeKind.PARKED);
        number = lost.status().clientNumber();
      }
      String id = found("\"id\":\"([0-9a-f-]{36})\"", operator(server, "parked", Long.toString(number)));
      assertThat(operator(1, server, "retry", id)).contains("\"kind\":\"rejected\"").contains("There is no entity");
      assertThat(operator(server, "parked", Long.toString(number))).contains(id).contains("\"settled\":null");
      assertThat(operator(server, "discard", id)).contains("\"settled\":\"discarded\"");
      assertThat(operator(server, "list")).doesNotContain("\"parked\":1");
      assertThat(ask(server, "olga", "POST", "/parked/" + id + "/discard").body()).contains(":rebasis.error/unknown-transaction");
    }
  }
}
