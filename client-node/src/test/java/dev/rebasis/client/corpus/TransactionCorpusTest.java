package dev.rebasis.client.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import clojure.lang.IExceptionInfo;
import datomic.Connection;
import datomic.Peer;
import datomic.Util;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.internal.query.Oracle;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each case of {@code transactions.edn}: transactions in order, some of which fail, and then queries, on Datomic and on
 * a client without a server. Both must accept and refuse the same ones, with the same code, and give the same rows; the
 * queries ask for no entity ids, which differ.
 */
class TransactionCorpusTest {
  static Stream<String> cases() throws IOException {
    try (InputStream in = TransactionCorpusTest.class.getResourceAsStream("transactions.edn")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return Edn.readAll(text).stream().map(Edn::write).toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theClientDoesWhatDatomicDoes(String text) {
    Map<?, ?> one = (Map<?, ?>) Edn.read(text);
    List<Object> expected = new ArrayList<>();
    List<Object> actual = new ArrayList<>();
    String uri = "datomic:mem://" + UUID.randomUUID();
    Peer.createDatabase(uri);
    Connection datomic = Peer.connect(uri);
    try (SyncClient client = SyncClient.builder().inMemory().open()) {
      for (Object transaction : part(one, ":transactions")) {
        expected.add(theirs(datomic, Edn.write(transaction)));
        actual.add(ours(client, Edn.write(transaction)));
      }
      for (Object query : part(one, ":queries")) {
        expected.add(new HashSet<>((java.util.Collection<?>) Oracle.ours(Peer.q(Edn.write(query), datomic.db()))));
        actual.add(new HashSet<>(client.db().q(query)));
      }
    } finally {
      Peer.deleteDatabase(uri);
    }
    assertThat(actual).as(String.valueOf(one.get(Keyword.of(":doc")))).isEqualTo(expected);
  }

  private static List<?> part(Map<?, ?> one, String name) {
    return (List<?>) one.get(Keyword.of(name));
  }

  private static Object theirs(Connection datomic, String transaction) {
    try {
      // Util.read does not know #db/id.
      datomic.transact((List<?>) Util.readAll(new StringReader(transaction)).get(0)).get();
      return "accepted";
    } catch (ExecutionException e) {
      for (Throwable at = e; at != null; at = at.getCause()) {
        if (at instanceof IExceptionInfo info) {
          return String.valueOf(info.getData().valAt(clojure.lang.Keyword.intern("db/error")));
        }
      }
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static Object ours(SyncClient client, String transaction) {
    try {
      client.transact(transaction);
      return "accepted";
    } catch (RebasisException e) {
      return e.code().toString();
    }
  }
}
