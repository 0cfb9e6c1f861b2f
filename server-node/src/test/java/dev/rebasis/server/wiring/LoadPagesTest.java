package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Transaction;
import com.github.luben.zstd.ZstdInputStream;
import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.codec.WireCodec;
import dev.rebasis.server.RebasisServer;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code GET /db/{name}/snapshot} says over a real socket, and how a session waits for it. */
class LoadPagesTest {
  private static final String SCHEMA = """
      [{:db/ident :order/number :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :order/note :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]""";

  private final HttpClient http = HttpClient.newHttpClient();
  private RebasisServer server;

  @BeforeEach
  void start() {
    server = RebasisServer.builder().inMemory().database("orders").schema("s", SCHEMA).start();
    for (int i = 0; i < 30; i++) {
      server.transact("[{:order/number \"A-" + i % 3 + "\" :order/note \"note " + i + "\"}]").join();
    }
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void whyThereIsNoLogIsSaid() throws Exception {
    HttpResponse<String> answer =
        http.send(HttpRequest.newBuilder(URI.create(server.uri() + "/log")).build(), HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(409);
    assertThat(answer.body()).contains("kept in memory only").contains("--data");
  }

  @ParameterizedTest
  @CsvSource({
      "gzip, gzip", "'gzip, zstd', zstd", "'zstd;q=0, gzip', gzip", "'br, zstd;q=0.5', zstd", "br, identity"})
  void theStreamIsCompressedAsTheClientCanAndEndsWithItsT(String accepted, String chosen) throws Exception {
    HttpResponse<byte[]> answer = get("", accepted, "*/*");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-encoding").orElse("identity")).isEqualTo(chosen);
    assertThat(answer.headers().firstValueAsLong("rebasis-t")).hasValue(server.t());
    InputStream body = new ByteArrayInputStream(answer.body());
    List<Message> messages = read(switch (chosen) {
      case "gzip" -> new GZIPInputStream(body);
      case "zstd" -> new ZstdInputStream(body);
      default -> body;
    });
    assertThat(messages.get(messages.size() - 1)).isEqualTo(new Message.Basis(server.t()));
    List<String> notes = new ArrayList<>();
    long datoms = 0;
    for (Message message : messages.subList(0, messages.size() - 1)) {
      for (Transaction transaction : ((Message.Transactions) message).transactions()) {
        datoms += transaction.datoms().size();
        transaction.datoms().stream().filter(d -> String.valueOf(d.v()).startsWith("note ")).forEach(d -> notes.add((String) d.v()));
      }
    }
    assertThat(notes).containsExactly("note 27", "note 28", "note 29");
    assertThat(answer.headers().firstValueAsLong("rebasis-datoms-max").getAsLong()).isGreaterThanOrEqualTo(datoms);
  }

  @Test
  void itGoesOnAfterAnyTOfTheDatabaseAndNoOther() throws Exception {
    long before = server.t();
    long t = server.transact("[{:order/number \"last\"}]").join().transaction().t();
    List<Message> messages = read(new ByteArrayInputStream(get("?after=" + before, "identity", "*/*").body()));
    assertThat(messages).hasSize(2);
    assertThat(((Message.Transactions) messages.get(0)).follows()).isEqualTo(before);
    assertThat(read(new ByteArrayInputStream(get("?after=" + t, "identity", "*/*").body())))
        .containsExactly(new Message.Basis(t));
    assertThat(get("?after=999999", "identity", "*/*").statusCode()).isEqualTo(409);
    assertThat(new String(get("?after=999999", "identity", "*/*").body(), StandardCharsets.UTF_8))
        .contains(":rebasis.error/server-behind");
    assertThat(get("?after=x", "identity", "*/*").statusCode()).isEqualTo(400);
    assertThat(get("?after=-1", "identity", "*/*").statusCode()).isEqualTo(400);
    assertThat(get("?store=nobody", "identity", "*/*").statusCode()).as("nothing is taken for a store that is none").isEqualTo(400);
    for (String page : List.of("/snapshot", "/log", "/q", "/pull")) {
      HttpResponse<String> deleted = http.send(HttpRequest.newBuilder(URI.create(server.uri() + page)).DELETE().build(),
          HttpResponse.BodyHandlers.ofString());
      assertThat(deleted.statusCode()).as(page).isEqualTo(405);
      assertThat(deleted.body()).contains(":rebasis.error/wrong-method");
    }
    assertThat(new String(get("s", "identity", "*/*").body(), StandardCharsets.UTF_8)).contains(":rebasis.error/no-page", "/devices");
  }

  @Test
  void asJsonItIsOneMessageALine() throws Exception {
    HttpResponse<byte[]> answer = get("", "identity", "application/x-ndjson");
    String[] lines = new String(answer.body(), StandardCharsets.UTF_8).split("\n");
    WireCodec json = WireCodec.json(Limits.client());
    for (String line : lines) {
      assertThat(json.decode(line)).isInstanceOfAny(Message.Transactions.class, Message.Basis.class);
    }
  }

  @Test
  void aSessionThatLacksMuchWaitsForTheLoadAndGoesOnFromThere() throws Exception {
    for (int i = 0; i < 40; i++) {
      StringBuilder forms = new StringBuilder("[");
      for (int k = 0; k < 500; k++) {
        forms.append("{:order/number \"B-").append(i).append('-').append(k).append("\"}");
      }
      server.transact(forms.append("]").toString()).join();
    }
    try (TestSocket c = TestSocket.connect(http, server.uri(), "rebasis.cbor")) {
      c.send(new Message.Hello(ProtocolVersion.CURRENT, Set.of("load", "other"), new UUID(1, 1), 0, null, 0, 1_000_000));
      Message.Welcome welcome = c.next(Message.Welcome.class);
      assertThat(welcome.features()).containsExactly("load");
      assertThat(welcome.load()).isGreaterThan(20_000);
      long reached = server.t();
      long later = server.transact("[{:order/number \"later\"}]").join().transaction().t();
      c.send(new Message.Loaded(reached, 1_000_000));
      Message.Transactions first = c.next(Message.Transactions.class);
      assertThat(first.follows()).isEqualTo(reached);
      assertThat(first.transactions()).hasSize(1);
      assertThat(first.transactions().get(0).t()).isEqualTo(later);
    }
    try (TestSocket c = TestSocket.connect(http, server.uri(), "rebasis.cbor")) {
      c.send(new Message.Hello(ProtocolVersion.CURRENT, Set.of(), new UUID(1, 2), 0, null, 0, 1_000_000));
      assertThat(c.next(Message.Welcome.class).load()).isZero();
      assertThat(c.next(Message.Transactions.class).follows()).isZero();
    }
  }

  private HttpResponse<byte[]> get(String query, String encoding, String accept) throws Exception {
    return http.send(HttpRequest.newBuilder(URI.create(server.uri() + "/snapshot" + query))
        .header("Accept-Encoding", encoding).header("Accept", accept).build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static List<Message> read(InputStream body) throws IOException {
    DataInputStream in = new DataInputStream(body);
    WireCodec cbor = WireCodec.cbor(Limits.client());
    List<Message> messages = new ArrayList<>();
    do {
      messages.add(cbor.decode(in.readNBytes(in.readInt())));
    } while (!(messages.get(messages.size() - 1) instanceof Message.Basis));
    assertThat(in.read()).isEqualTo(-1);
    return messages;
  }
}
