package dev.rebasis.simulations.disk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.journal.JournaledPath;
import dev.rebasis.storage.H2Settings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * What one acknowledged row costs, in H2 with and without the journal, beside a bare write and force of 4 KB. The ways are
 * taken in turn, so that a slow moment of the machine hits all of them. Run with {@code -Drebasis.benchmark=5000}, the
 * number of turns.
 */
@EnabledIfSystemProperty(named = "rebasis.benchmark", matches = "\\d+")
class ForceBenchmarkTest {

  private static final String PLAIN = "jdbc:h2:";

  @TempDir
  private Path directory;

  private final List<String> names = new ArrayList<>();
  private final List<Callable<Void>> ways = new ArrayList<>();
  private final List<AutoCloseable> open = new ArrayList<>();
  private int turn;

  @Test
  void medians() throws Exception {
    int turns = Integer.getInteger("rebasis.benchmark");
    JournaledPath.register();
    bare("bare 4 KB", 4096, false);
    bare("bare 12 KB", 12288, false);
    database("H2, no force", PLAIN, "");
    database("H2, CHECKPOINT SYNC", PLAIN, "CHECKPOINT SYNC");
    database("H2, commit and sync of the store", PLAIN, "STORE");
    database("journal, CHECKPOINT SYNC", H2Settings.URL_PREFIX_POWER_LOSS, "CHECKPOINT SYNC");
    database("journal, commit and sync of the store", H2Settings.URL_PREFIX_POWER_LOSS, "STORE");
    database("journal, sync of the store", H2Settings.URL_PREFIX_POWER_LOSS, "SYNC");
    database("lazy journal, sync of the store", H2Settings.URL_PREFIX_PROCESS_CRASH, "SYNC");
    long[][] nanos = new long[ways.size()][turns];
    for (turn = 0; turn < turns; turn++) {
      for (int way = 0; way < ways.size(); way++) {
        long start = System.nanoTime();
        ways.get(way).call();
        nanos[way][turn] = System.nanoTime() - start;
      }
    }
    for (int way = 0; way < ways.size(); way++) {
      long[] last = Arrays.copyOfRange(nanos[way], turns / 5, turns);
      Arrays.sort(last);
      System.out.printf("%-42s median %5d us, p90 %5d us%n", names.get(way), last[last.length / 2] / 1000,
          last[last.length * 9 / 10] / 1000);
    }
    for (AutoCloseable each : open) {
      each.close();
    }
    assertThat(names).hasSameSizeAs(ways);
  }

  private void bare(String name, int bytes, boolean metaData) throws IOException {
    FileChannel channel = FileChannel.open(directory.resolve("bare" + bytes), StandardOpenOption.CREATE,
        StandardOpenOption.WRITE);
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    open.add(channel);
    add(name, () -> {
      channel.write(buffer.clear(), (long) (turn % 340) * bytes);
      channel.force(metaData);
      return null;
    });
  }

  private void database(String name, String prefix, String force) throws SQLException {
    Path file = directory.resolve("db" + ways.size());
    Connection connection = DriverManager.getConnection(prefix + file + H2Settings.URL_SUFFIX);
    open.add(connection);
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE pending(seq BIGINT PRIMARY KEY, payload VARCHAR)");
    }
    connection.setAutoCommit(false);
    PreparedStatement insert = connection.prepareStatement("INSERT INTO pending VALUES (?, ?)");
    Statement statement = connection.createStatement();
    MVStore store = H2AppendLog.store(connection);
    add(name, () -> {
      insert.setLong(1, turn);
      insert.setString(2, "x".repeat(200));
      insert.executeUpdate();
      connection.commit();
      switch (force) {
        case "" -> { }
        case "STORE" -> {
          store.commit();
          store.sync();
        }
        case "SYNC" -> store.sync();
        default -> statement.execute(force);
      }
      return null;
    });
  }

  private void add(String name, Callable<Void> way) {
    names.add(name);
    ways.add(way);
  }
}
