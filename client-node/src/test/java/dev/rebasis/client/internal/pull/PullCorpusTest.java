package dev.rebasis.client.internal.pull;

import static org.assertj.core.api.Assertions.assertThat;

import clojure.lang.IExceptionInfo;
import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.mirror.Mirror;
import dev.rebasis.client.internal.query.Oracle;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each pull of a list, on Datomic and here: the same map, or the same error. The list is in the test resources. */
class PullCorpusTest {
  private static final PullEngine ENGINE = new PullEngine(PullCorpusTest::transform);
  private static Mirror mirror;

  @BeforeAll
  static void transact() throws IOException {
    mirror = new Mirror();
    for (Object transaction : part(":transactions")) {
      mirror.transact(Edn.write(transaction));
    }
  }

  @AfterAll
  static void close() {
    mirror.close();
  }

  private static UnaryOperator<Object> transform(Symbol name) {
    return switch (name.text()) {
      case "str" -> value -> value == null ? "" : value instanceof String ? value : Edn.write(value);
      default -> null;
    };
  }

  private static List<?> part(String name) throws IOException {
    try (InputStream in = PullCorpusTest.class.getResourceAsStream("pull.edn")) {
      Map<?, ?> corpus = (Map<?, ?>) Edn.read(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      return (List<?>) corpus.get(Keyword.of(name));
    }
  }

  static Stream<String> cases() throws IOException {
    return part(":cases").stream().map(Edn::write);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void givesDatomicsAnswer(String line) {
    List<?> parts = (List<?>) Edn.read(line);
    assertThat(ours(parts.get(0), parts.get(1))).as(line).isEqualTo(theirs(parts.get(0), parts.get(1)));
  }

  private static Object theirs(Object pattern, Object entity) {
    try {
      // By id: from a lookup ref Datomic goes round a circle once more.
      Object id = mirror.theirs().entid(Oracle.theirs(entity));
      return Oracle.ours(mirror.theirs().pull(Oracle.theirs(pattern), id == null ? Oracle.theirs(entity) : id));
    } catch (RuntimeException e) {
      if (e instanceof IExceptionInfo info) {
        Object code = info.getData().valAt(clojure.lang.Keyword.intern("db/error"));
        return code == null ? "error" : "error " + code;
      }
      throw e;
    }
  }

  private static Object ours(Object pattern, Object entity) {
    DatabaseValue database = mirror.ours();
    try {
      return ENGINE.pull(database, pattern, database.entid(entity));
    } catch (RebasisException e) {
      return e.code().toString().startsWith(":rebasis") ? "error" : "error " + e.code();
    }
  }
}
