package dev.rebasis.simulations.bench;

import java.util.HashMap;
import java.util.Map;
import java.nio.file.Path;

/**
 * The main class of a benchmark's child process: runs one task and prints its figures as one line. Its arguments are
 * {@code name=value} pairs, see {@link BenchOptions}.
 */
final class BenchWorker {
  private BenchWorker() {}

  /** Runs the task and ends the process. */
  public static void main(String[] args) throws Exception {
    Map<String, String> arguments = new HashMap<>();
    for (String argument : args) {
      int equals = argument.indexOf('=');
      arguments.put(argument.substring(0, equals), argument.substring(equals + 1));
    }
    BenchOptions options = BenchOptions.parse(arguments);
    Figures figures = run(arguments.get("task"), options, Path.of(arguments.get("folder")), arguments);
    System.out.println(figures.toLine());
    System.out.flush();
    // Datomic and OkHttp leave threads that would keep the process alive for a minute.
    Runtime.getRuntime().halt(0);
  }

  private static Figures run(String task, BenchOptions options, Path folder, Map<String, String> arguments)
      throws Exception {
    String uri = arguments.get("uri");
    return switch (task) {
      case "local-transact" -> ClientTasks.localTransact(folder, options);
      case "offline-replay" -> ClientTasks.offlineReplay(folder, options, uri);
      case "first-load" -> ClientTasks.firstLoad(folder, options, uri);
      case "first-load-fill" -> ClientTasks.loadFill(folder, options, uri);
      case "push" -> PushTask.run(options, uri);
      case "sessions" -> SessionsTask.run(options, uri);
      case "fan-out" -> options.processes() > 1 ? FanOutProcesses.run(folder, options, uri) : FanOutTask.run(folder, options, uri);
      case "fan-out-readers" -> FanOutReaders.run(options, uri);
      case "rebase" -> RebaseTask.run(folder, options, uri);
      case "rebase-no-pending" -> RebaseTask.run(folder, new BenchOptions(
          options.n(), options.clients(), 0, options.remote(), 0, options.durability(), options.rate(), 1, 0), uri);
      case "decide" -> DecideTask.onServer(options);
      case "digest" -> DecideTask.digests(options);
      case "digest-transactions" -> DecideTask.withoutDigests(options);
      case "decide-datomic" -> DecideTask.onDatomic(options, true);
      case "decide-datomic-plain" -> DecideTask.onDatomic(options, false);
      case "rebase-fill" -> RebaseTask.fill(folder, options, uri);
      case "rebase-remote" -> RebaseTask.remote(folder, options, uri);
      case "local-query" -> QueryTask.onClient(folder, options, uri);
      case "datomic-query" -> QueryTask.onDatomic(options);
      case "open-prepare" -> ClientTasks.prepareStore(folder, options, uri);
      case "open", "open-own" -> ClientTasks.open(Path.of(arguments.get("prepared")));
      case "bare-jvm" -> Limits.nothing();
      case "bare-write" -> Limits.bareSyncedWrites(folder, options.n());
      case "h2-row" -> Limits.h2Rows(folder, options.n(), options.durability());
      case "h2-batch" -> Limits.h2Batches(folder, options.n());
      case "datomic-plain" -> Limits.datomicTransactAsync(options.n(), false);
      case "datomic-with-metadata" -> Limits.datomicTransactAsync(options.n(), true);
      case "echo" -> EchoFanOut.runWithOwnServer(options.clients(), options.n());
      case "echo-server" -> EchoFanOut.serveUntilInputEnds();
      default -> throw new IllegalArgumentException("There is no task '" + task + "'.");
    };
  }
}
