package dev.rebasis.client.internal.log;

import static dev.rebasis.client.internal.Samples.add;
import static dev.rebasis.client.internal.Samples.all;
import static dev.rebasis.client.internal.Samples.attribute;
import static dev.rebasis.client.internal.Samples.intent;
import static dev.rebasis.client.internal.Samples.retract;
import static dev.rebasis.client.internal.Samples.tx;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Durability;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.conflict.Conflict;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.ValueType;
import dev.rebasis.protocol.OutcomeKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * docs/store.md, as a support engineer would use it: a closed store, plain JDBC, every query of the guide. The store has
 * something to answer each of them with.
 */
class StoreGuideTest {
  private static final Path GUIDE = Path.of("..", "docs", "store.md");
  private static final long ENTITY = 17_592_186_045_418L;

  @TempDir Path temp;

  @BeforeEach
  void fill() {
    try (ClientLog log = ClientLog.open(StoreFiles.folder(temp), Durability.POWER_LOSS, Samples.ids())) {
      log.write(List.of(new LogEntry.ClientNumber(3), new LogEntry.DatabaseId(new UUID(1, 2)),
          new LogEntry.Confirmed(List.of(
              tx(1000, all(attribute(72, ":order/number", ValueType.STRING, "identity"))),
              tx(1002, add(ENTITY, 72, "A-0")),
              tx(1004, retract(ENTITY, 72, "A-0"), add(ENTITY, 72, "A-1"))))), false);
      for (int seq = 1; seq <= 3; seq++) {
        log.write(List.of(new LogEntry.IntentMade(intent(seq, 1002, Keyword.of(":db/add"), -5L))), true);
      }
      Conflict conflict = new Conflict(Keyword.of(":rebasis.conflict/same"), ENTITY, Keyword.of(":order/number"),
          List.of("A-0"), List.of("B"), List.of("A-1"), List.of("B"), Keyword.of(":rebasis.policy/lww"),
          13_194_139_533_312L + 1004);
      log.write(List.of(
          new LogEntry.Decided(intent(1, 0).id(), OutcomeKind.MERGED, false, 1006, Map.of(5L, ENTITY), null, null,
              List.of(conflict)),
          new LogEntry.Decided(intent(2, 0).id(), OutcomeKind.REJECTED, false, 1008, Map.of(),
              Keyword.of(":db.error/cas-failed"), "Compare failed", List.of())), true);
    }
  }

  private Connection jdbc() throws SQLException {
    return DriverManager.getConnection("jdbc:h2:" + temp.resolve("log") + ";ACCESS_MODE_DATA=r", "sa", "");
  }

  @TestFactory
  List<DynamicTest> everyQueryOfTheGuideFindsSomething() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    Matcher query = Pattern.compile("\n([^\n]+)\n```sql\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(GUIDE));
    while (query.find()) {
      String sql = query.group(2);
      tests.add(DynamicTest.dynamicTest(query.group(1), () -> {
        try (Connection connection = jdbc(); Statement statement = connection.createStatement();
            ResultSet rows = statement.executeQuery(sql)) {
          assertThat(rows.next()).isTrue();
        }
      }));
    }
    assertThat(tests).hasSizeGreaterThan(8);
    return tests;
  }

  @Test
  void theAnswersAreReadable() throws SQLException {
    try (Connection connection = jdbc(); Statement statement = connection.createStatement()) {
      try (ResultSet row = statement.executeQuery(
          "SELECT attribute, v, added, t FROM named_datom WHERE e = " + ENTITY + " AND v = 'A-1'")) {
        assertThat(row.next()).isTrue();
        assertThat(row.getString(1)).isEqualTo(":order/number");
        assertThat(row.getBoolean(3)).isTrue();
        assertThat(row.getLong(4)).isEqualTo(1004);
      }
      try (ResultSet row = statement.executeQuery("SELECT forms, tempids FROM pending")) {
        assertThat(row.next()).isTrue();
        assertThat(row.getString(1)).isEqualTo("[[:db/add -5]]");
        assertThat(row.getString(2)).isEqualTo("{\"datomic.tx\" 3}");
      }
      try (ResultSet row = statement.executeQuery("SELECT base, local, remote, policy FROM conflict")) {
        assertThat(row.next()).isTrue();
        assertThat(row.getString(1) + row.getString(2) + row.getString(3)).isEqualTo("[\"A-0\"][\"B\"][\"A-1\"]");
      }
    }
  }

  @Test
  void everyTableHasAComment() throws SQLException {
    try (Connection connection = jdbc(); Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(
            "SELECT table_name, remarks FROM information_schema.tables WHERE table_schema = 'PUBLIC'")) {
      int tables = 0;
      for (; row.next(); tables++) {
        assertThat(row.getString(2)).as(row.getString(1)).isNotBlank();
      }
      assertThat(tables).isEqualTo(14);
    }
  }
}
