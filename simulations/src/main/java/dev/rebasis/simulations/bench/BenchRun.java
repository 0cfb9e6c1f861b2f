package dev.rebasis.simulations.bench;

import dev.rebasis.simulations.process.JavaProcess;
import dev.rebasis.simulations.process.ServerProcess;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs one workload and its limits in interleaved pairs, every task in a fresh JVM (and the server in another), and
 * keeps the figures of each run. Confined.
 */
final class BenchRun {
  private static final long TASK_SECONDS_MAX = 600;

  private final Workload workload;
  private final BenchOptions options;
  private final PrintWriter progress;
  private final int heapMegabytes;
  private final List<String> clientJvm;
  private final boolean coldServer;
  private final List<Figures> ours = new ArrayList<>();
  private final Map<Workload.Limit, List<Figures>> limits = new LinkedHashMap<>();

  /**
   * Prepares.
   *
   * @param heapMegabytes how much heap the JVM of the workload may have (not that of its server, nor that which prepares
   *     its data); 0 for what Java gives it
   * @param clientJvm options of the JVM of the workload, and of its limits if they are clients as well
   * @param coldServer whether a server is measured right after its start, instead of when it has warmed up
   */
  BenchRun(Workload workload, BenchOptions options, PrintWriter progress, int heapMegabytes, List<String> clientJvm,
      boolean coldServer) {
    this.heapMegabytes = heapMegabytes;
    this.clientJvm = List.copyOf(clientJvm);
    this.coldServer = coldServer;
    this.workload = workload;
    this.options = options;
    this.progress = progress;
    workload.limits().forEach(limit -> limits.put(limit, new ArrayList<>()));
  }

  /** Runs it this often. */
  BenchRun run(int runs) {
    Path prepared = temporaryFolder();
    String store = workload.preparedStore();
    try {
      if (store != null) {
        progress.println(workload.word() + ": preparing a store of " + options.n() + " datoms");
        try (ServerProcess server = startServer(prepared)) {
          runChild("open-prepare", prepared, List.of("uri=" + server.uri()));
          server.terminate();
        }
      }
      runPairs(runs, store == null ? prepared : prepared.resolve(store));
      return this;
    } finally {
      deleteAll(prepared);
    }
  }

  private void runPairs(int runs, Path prepared) {
    for (int run = 1; run <= runs; run++) {
      // Limits and ours take turns, since a shared machine is faster in one minute than in the next.
      for (Workload.Limit limit : workload.limits()) {
        progress.println(workload.word() + " run " + run + "/" + runs + ": " + limit.description());
        boolean withServer = workload == Workload.REBASE;
        limits.get(limit).add(runTask(limit.task(), withServer, prepared));
      }
      progress.println(workload.word() + " run " + run + "/" + runs + ": rebasis");
      ours.add(runTask(workload.word(), workload.needsServer(), prepared));
    }
  }

  List<Figures> ours() {
    return ours;
  }

  Map<Workload.Limit, List<Figures>> limits() {
    return limits;
  }

  private Figures runTask(String task, boolean withServer, Path prepared) {
    Path folder = temporaryFolder();
    try {
      return withServer ? runWithServer(task, folder) : runChild(task, folder, List.of("prepared=" + prepared));
    } finally {
      deleteAll(folder);
    }
  }

  private Figures runWithServer(String task, Path folder) {
    try (ServerProcess server = startServer(folder)) {
      if (!coldServer) {
        // A server is started once and serves for weeks; docs/benchmarks.md says what the first seconds are like.
        server.awaitWarmUp();
      }
      List<String> uri = List.of("uri=" + server.uri());
      if (workload == Workload.FIRST_LOAD) {
        // By another process: the heap that is measured is that of the client that loads.
        runChild("first-load-fill", folder, uri);
      }
      Figures client = runChild(task, folder, uri);
      Double serverRss = server.residentBytes().isPresent() ? server.residentBytes().getAsLong() / 1e6 : null;
      client = client.withMemory(client.clientRssMb(), serverRss);
      if (workload == Workload.FIRST_LOAD) {
        client = client.withServerHeap(serverHeapDuringALoad(server));
      }
      server.terminate();
      return client;
    }
  }

  /** How many MB more of the server's heap are in use at the most while another client loads than before. */
  private double serverHeapDuringALoad(ServerProcess server) {
    progress.println(workload.word() + ": the server's heap during another load");
    Path folder = temporaryFolder();
    try {
      LiveHeap heap = new LiveHeap(server.pid());
      double before = heap.megabytes();
      return heap.mostWhile(() -> runChild(workload.word(), folder, List.of("uri=" + server.uri()))) - before;
    } finally {
      deleteAll(folder);
    }
  }

  private Figures runChild(String task, Path folder, List<String> more) {
    List<String> arguments = new ArrayList<>(options.toArguments());
    arguments.add("task=" + task);
    arguments.add("folder=" + folder);
    arguments.addAll(more);
    List<String> jvm = jvmOptions(task);
    long start = System.nanoTime();
    try (JavaProcess child =
        JavaProcess.start(task, null, classPath(task), jvm, BenchWorker.class.getName(), arguments)) {
      Figures figures = Figures.parse(child.awaitLine(Figures::isLine, TASK_SECONDS_MAX));
      child.awaitExit(60);
      // The life of the whole process is what these two are about.
      return figures.ms() == null ? Figures.ofTotal(1, System.nanoTime() - start)
          .withMemory(figures.clientRssMb(), null) : figures;
    }
  }

  private List<String> jvmOptions(String task) {
    List<String> jvm = new ArrayList<>();
    if (heapMegabytes > 0 && task.equals(workload.word())) {
      jvm.add("-Xmx" + heapMegabytes + "m");
    }
    if (task.equals(workload.word()) || task.equals("rebase-no-pending")) {
      jvm.addAll(clientJvm);
    }
    return jvm;
  }

  /** A client program need not have this program's logging, and Caffeine starts whatever logging there is. */
  private static String classPath(String task) {
    String all = System.getProperty("java.class.path");
    return !task.startsWith("open") || task.equals("open-prepare") ? all : Stream.of(all.split(File.pathSeparator))
        .filter(entry -> !Path.of(entry).getFileName().toString().matches("(logback|slf4j-jdk-platform-logging)-.*"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private ServerProcess startServer(Path folder) {
    try {
      Path schema = Files.writeString(folder.resolve("schema.edn"), BenchEntities.SCHEMA);
      return ServerProcess.start(folder.resolve("server"), 0, schema, null, workload.serverJvm(),
          coldServer ? List.of("--no-warm-up") : List.of());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot prepare the server of the benchmark", e);
    }
  }

  private static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("rebasis-bench");
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot make a temporary folder for the benchmark", e);
    }
  }

  static void deleteAll(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot delete the benchmark's folder " + folder, e);
    }
  }
}
