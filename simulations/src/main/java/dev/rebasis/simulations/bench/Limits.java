package dev.rebasis.simulations.bench;

import datomic.Connection;
import datomic.Peer;
import datomic.Util;
import dev.rebasis.client.Durability;
import dev.rebasis.storage.H2Settings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** What the workloads are judged by: the least that disk, H2 and Datomic ask for the same work. */
final class Limits {
  private static final int WARM_UP = 200;
  // Written at the commit, forced by the statement below: what H2 itself offers, without our journal.
  private static final String PLAIN_H2 = ";WRITE_DELAY=0;MAX_COMPACT_TIME=0";
  private static final int DATOMIC_WINDOW = 100;
  private static final int ROWS_PER_BATCH = 1_000;

  private Limits() {}

  /** A 4 KB write and fdatasync each, appended to one file on the disk of the folder. */
  static Figures bareSyncedWrites(Path folder, int count) throws IOException {
    ByteBuffer page = ByteBuffer.allocateDirect(4096);
    long[] nanos = new long[count];
    try (FileChannel file = FileChannel.open(folder.resolve("bare-writes"),
        StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
      for (int i = -WARM_UP; i < count; i++) {
        page.clear();
        page.putLong(0, i);
        long start = System.nanoTime();
        while (page.hasRemaining()) {
          file.write(page);
        }
        file.force(false);
        if (i >= 0) {
          nanos[i] = System.nanoTime() - start;
        }
      }
    }
    return Figures.ofEach(nanos);
  }

  /** H2 alone: one row of about the size of a pending transaction, committed, and forced if asked. */
  static Figures h2Rows(Path folder, int count, Durability durability) throws SQLException {
    boolean force = durability == Durability.POWER_LOSS;
    long[] nanos = new long[count];
    String url = "jdbc:h2:" + folder.resolve("h2-alone").toAbsolutePath() + PLAIN_H2;
    try (java.sql.Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE row_(seq BIGINT PRIMARY KEY, id UUID, forms VARCHAR)");
      connection.setAutoCommit(false);
      try (PreparedStatement insert = connection.prepareStatement("INSERT INTO row_ VALUES(?, ?, ?)")) {
        for (int i = -WARM_UP; i < count; i++) {
          long start = System.nanoTime();
          insert.setLong(1, i);
          insert.setObject(2, new UUID(17, i));
          insert.setString(3, BenchEntities.forms("h2", i).toString());
          insert.executeUpdate();
          connection.commit();
          if (force) {
            statement.execute(H2Settings.FORCE);
          }
          if (i >= 0) {
            nanos[i] = System.nanoTime() - start;
          }
        }
      }
    }
    return Figures.ofEach(nanos);
  }

  /** Nothing at all: the parent times the process. */
  static Figures nothing() {
    return Figures.ofProcess();
  }

  /** H2 alone: the rows of {@code entities} entities of four datoms, in batches. */
  static Figures h2Batches(Path folder, int entities) throws SQLException {
    String url = "jdbc:h2:" + folder.resolve("h2-batch").toAbsolutePath() + PLAIN_H2;
    int rows = entities * 4;
    try (java.sql.Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE datom(t BIGINT, n INT, e BIGINT, a BIGINT, v VARCHAR, added BOOLEAN,"
          + " PRIMARY KEY(t, n))");
      connection.setAutoCommit(false);
      long start = System.nanoTime();
      try (PreparedStatement insert = connection.prepareStatement("INSERT INTO datom VALUES(?, ?, ?, ?, ?, TRUE)")) {
        for (int i = 0; i < rows; i++) {
          insert.setLong(1, i / ROWS_PER_BATCH);
          insert.setInt(2, i % ROWS_PER_BATCH);
          insert.setLong(3, i / 4);
          insert.setLong(4, i % 4);
          insert.setString(5, "The value of row " + i);
          insert.addBatch();
          if ((i + 1) % ROWS_PER_BATCH == 0) {
            insert.executeBatch();
            connection.commit();
          }
        }
        insert.executeBatch();
        connection.commit();
      }
      return Figures.ofTotal(rows, System.nanoTime() - start);
    }
  }

  /**
   * Datomic's own rate in memory, through {@code transactAsync} with a window of pending ones.
   *
   * @param withMetadata whether each transaction also carries what a Rebasis server writes on its entity
   */
  static Figures datomicTransactAsync(int count, boolean withMetadata)
      throws ExecutionException, InterruptedException {
    String uri = "datomic:mem://bench-" + UUID.randomUUID();
    Peer.createDatabase(uri);
    Connection connection = Peer.connect(uri);
    connection.transact((List<?>) Util.read(BenchEntities.SCHEMA)).get();
    connection.transact((List<?>) Util.read(METADATA_SCHEMA)).get();
    List<List<Object>> transactions = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      List<Object> forms = new ArrayList<>(BenchEntities.datomicForms("limit", i));
      if (withMetadata) {
        addMetadata(forms, i);
      }
      transactions.add(forms);
    }
    for (int i = 0; i < WARM_UP; i++) {
      connection.transactAsync(BenchEntities.datomicForms("warm", i)).get();
    }
    long start = System.nanoTime();
    Queue<Future<?>> window = new ArrayDeque<>();
    for (List<Object> forms : transactions) {
      window.add(connection.transactAsync(forms));
      if (window.size() >= DATOMIC_WINDOW) {
        window.remove().get();
      }
    }
    for (Future<?> future : window) {
      future.get();
    }
    return Figures.ofTotal(count, System.nanoTime() - start);
  }

  private static final String METADATA_SCHEMA = """
      [{:db/ident :limit/id :db/valueType :db.type/uuid :db/cardinality :db.cardinality/one :db/unique :db.unique/value}
       {:db/ident :limit/client :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :limit/basis :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :limit/seq :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :limit/madeAt :db/valueType :db.type/instant :db/cardinality :db.cardinality/one}
       {:db/ident :limit/made :db/valueType :db.type/tuple :db/cardinality :db.cardinality/many :db/index true
        :db/tupleTypes [:db.type/long :db.type/long :db.type/ref]}]
      """;

  @SuppressWarnings("unchecked")
  private static void addMetadata(List<Object> forms, int i) {
    ((Map<Object, Object>) forms.get(0)).put(":db/id", "made");
    forms.add(Util.map(
        ":db/id", "datomic.tx",
        ":limit/id", UUID.randomUUID(),
        ":limit/client", 1L,
        ":limit/basis", 1000L,
        ":limit/seq", (long) i,
        ":limit/madeAt", new Date(),
        ":limit/made", List.of(List.of(1L, (long) i, "made"))));
  }
}
