package dev.rebasis.simulations.bench;

import java.util.List;

/**
 * The workloads of {@code rebasis bench}: what each measures and what it is judged by. The names are the command's
 * words. A <em>task</em> is what one child process runs, see {@link BenchWorker}.
 */
enum Workload {
  /** Transactions one by one on a client without a network. */
  LOCAL_TRANSACT("local-transact", 2_000, false, List.of(
      new Limit("bare-write", "a bare 4 KB write and fdatasync", Limit.Judge.P50),
      new Limit("h2-row", "H2 alone, one row and its commit", Limit.Judge.P50))),
  /** Pending transactions pushed to a server until all are confirmed locally. */
  OFFLINE_REPLAY("offline-replay", 10_000, true, List.of(
      new Limit("datomic-with-metadata", "datomic:mem, transactAsync, the transactions that the server commits",
          Limit.Judge.OPS),
      new Limit("datomic-plain", "datomic:mem, transactAsync, the transactions without metadata", Limit.Judge.OPS))),
  /** A new client receives a whole database. */
  FIRST_LOAD("first-load", 10_000, true, List.of(
      new Limit("h2-batch", "H2 alone, the same number of datom rows in batches", Limit.Judge.OPS))),
  /** A write on one client until it is visible on all others. */
  FAN_OUT("fan-out", 200, true, List.of(
      new Limit("echo", "a bare WebSocket fan-out with the same libraries", Limit.Judge.P50))),
  /** Many clients push at once, each transactions of one entity. */
  PUSH("push", 20_000, true, List.of(
      new Limit("datomic-with-metadata", "datomic:mem, transactAsync, the transactions that the server commits",
          Limit.Judge.OPS),
      new Limit("datomic-plain", "datomic:mem, transactAsync, the transactions without metadata", Limit.Judge.OPS))),
  /** A write until the clients whose scope it concerns see it, among many that are connected. */
  SESSIONS("sessions", 200, true, List.of()),
  /** Remote transactions arrive while many wait. */
  REBASE("rebase", 1, true, List.of(
      new Limit("rebase-no-pending", "the same with nothing pending", Limit.Judge.MS))),
  /** Pushed edits of single entities, made on a basis that is 100,000 transactions old. */
  DECIDE("decide", 5_000, false, List.of(
      new Limit("decide-datomic", "datomic:mem, the facts that the server commits", Limit.Judge.P50_BEYOND),
      new Limit("decide-datomic-plain", "datomic:mem, the author's facts without metadata", Limit.Judge.P50_BEYOND))),
  /** The digests of a server that follow what it decided. */
  DIGEST("digest", 20_000, false, List.of(
      new Limit("digest-transactions", "deciding and committing the same in memory", Limit.Judge.MS))),
  /** A look-up by unique key that joins two more attributes, again and again, on the client's database. */
  LOCAL_QUERY("local-query", 2_000, true, List.of(
      new Limit("datomic-query", "the same query on datomic:mem", Limit.Judge.P50))),
  /** A fresh JVM opens a store that was loaded from others and answers its first query. */
  OPEN("open", 100_000, false, List.of(
      new Limit("bare-jvm", "a JVM that starts and ends", Limit.Judge.MS))),
  /** The same for the store of a client that made all entities itself. */
  OPEN_OWN("open-own", 100_000, false, List.of(
      new Limit("bare-jvm", "a JVM that starts and ends", Limit.Judge.MS)));

  /** What a workload is judged by, measured in the same run. */
  record Limit(String task, String description, Judge judge) {
    /** Which figure the ratio is taken of. */
    enum Judge {
      /** Median of one operation: ours over the limit's, smaller is better. */
      P50,
      /** Median of one operation: what ours takes beyond the limit's counts. */
      P50_BEYOND,
      /** Operations a second: ours over the limit's, larger is better. */
      OPS,
      /** Wall time: ours over the limit's, smaller is better. */
      MS
    }

    /** How many microseconds ours takes beyond the limit at the median; null where that is not what is judged. */
    Double beyondMicros(Figures ours, Figures limit) {
      return judge == Judge.P50_BEYOND ? (Double) ((ours.p50Ms() - limit.p50Ms()) * 1e3) : null;
    }

    /** Ours over the limit's. */
    double ratio(Figures ours, Figures limit) {
      return switch (judge) {
        case P50, P50_BEYOND -> ours.p50Ms() / limit.p50Ms();
        case OPS -> ours.opsPerSecond() / limit.opsPerSecond();
        case MS -> ours.ms() / limit.ms();
      };
    }
  }

  private final String word;
  private final int defaultN;
  private final boolean needsServer;
  private final List<Limit> limits;

  Workload(String word, int defaultN, boolean needsServer, List<Limit> limits) {
    this.word = word;
    this.defaultN = defaultN;
    this.needsServer = needsServer;
    this.limits = limits;
  }

  /** What the server's JVM is told. */
  List<String> serverJvm() {
    return this == SESSIONS ? List.of("-Xmx2g") : List.of();
  }

  /**
   * What the JVM of its clients is told, if they are many and written to at a rate: with Java's own choice the collector stands still for tenths
   * of a second where fifty clients share a heap, which no program with a single client sees (docs/benchmarks.md).
   */
  List<String> clientJvm() {
    return this == FAN_OUT ? List.of("-XX:+UseParallelGC", "-Xmn12m", "-Xms2g", "-Xmx2g") : List.of();
  }

  /** The folder of the store that it opens, below what is prepared for it; null if it opens none. */
  String preparedStore() {
    return this == OPEN ? "store" : this == OPEN_OWN ? "loader" : null;
  }

  String word() {
    return word;
  }

  int defaultN() {
    return defaultN;
  }

  boolean needsServer() {
    return needsServer;
  }

  List<Limit> limits() {
    return limits;
  }

  static Workload of(String word) {
    for (Workload workload : values()) {
      if (workload.word.equals(word)) {
        return workload;
      }
    }
    throw new IllegalArgumentException("There is no workload '" + word + "'.");
  }
}
