package dev.rebasis.server.cli;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.cli.ServeDefaults.Layer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs a server until it is told to stop. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    defaultValueProvider = ServeDefaults.class,
    description = {
      "Runs a server until it gets SIGTERM or SIGINT (Ctrl-C): with one database of its own, with one in Datomic, or with"
          + " several.",
      "Everything acknowledged survives kill -9 and power loss.",
    })
public final class ServeCommand implements Callable<Integer> {
  private static final long CLOCK_WAIT_MILLIS_MAX = 60_000;
  private static final long WATCH_MILLIS = 1_000;
  private static final int PORT_MAX = 65_535;

  /** The options that say where the data are; more than one of them in one layer contradict each other. */
  private static final List<String> PLACES = List.of("--in-memory", "--datomic", "--data", "--databases");

  /** What else is said about one database. */
  private static final List<String> OF_ONE = List.of("--db", "--schema", "--functions", "--allow-policy");

  @Spec private CommandSpec spec;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "A properties file with further options, such as max-sessions=500; the command line and the environment"
          + " go before it. Default: what REBASIS_CONFIG names.")
  private Path config;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "rebasis-data",
      description = "The folder of the database's log; made if it is not there. Default: ${DEFAULT-VALUE}.")
  private Path data;

  @Option(names = "--in-memory", description = "Keep everything in memory only; it is lost at the end.")
  private boolean inMemory;

  @Option(
      names = "--datomic",
      paramLabel = "URI",
      description = "Keep the database in Datomic under this URI, such as datomic:dev://localhost:4334/orders, instead of a"
          + " folder. Other server-nodes and other peers may share it; it is made if it is not there.")
  private String datomic;

  @Option(
      names = "--databases",
      paramLabel = "FILE",
      description = "Serve several databases: EDN, a map of names to maps of :data or :datomic, :schema, :functions,"
          + " :access and :allow-policy. Stands instead of --db, --data, --in-memory, --datomic, --schema, --functions and"
          + " --allow-policy.")
  private Path databases;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "8484",
      description = "The port to listen on, 0 for a free one. Default: ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description = "The address to listen on; 0.0.0.0 for all. Without --tokens or --jwt-key everyone is let in."
          + " Default: ${DEFAULT-VALUE}, this machine only.")
  private String host;

  @Option(
      names = "--db",
      paramLabel = "NAME",
      defaultValue = "main",
      description = "The name of the database in its URL. Default: ${DEFAULT-VALUE}.")
  private String database;

  @Option(
      names = "--schema",
      split = ",",
      paramLabel = "FILE",
      description = "EDN file with one or more vectors of forms; each is transacted at the start if it would change"
          + " anything. Can be given several times, or with commas between.")
  private List<Path> schemas = new ArrayList<>();

  @Mixin private AccessOptions access;

  @Mixin private LimitOptions limits = new LimitOptions();

  @Option(
      names = "--drain",
      paramLabel = "SECONDS",
      defaultValue = "0",
      description = "When told to stop, answer no at /ready for so long before saying goodbye to the clients, so that a"
          + " load balancer sends no new ones. Default: ${DEFAULT-VALUE}.")
  private int drainSeconds;

  @Option(
      names = "--no-warm-up",
      description = "Do not exercise the server on a scratch database in the first seconds. Its first thousands of"
          + " transactions are then several times as slow.")
  private boolean noWarmUp;

  @Option(
      names = "--allow-policy",
      split = ",",
      paramLabel = "NAME",
      description = "A policy that transactions may ask for, for example :rebasis.policy/counter. Can be given several"
          + " times; without it they may ask for any. The policies in the schema always apply.")
  private List<String> policies = new ArrayList<>();

  @Option(
      names = "--functions",
      split = ",",
      paramLabel = "FILE",
      description = "EDN: a vector of Datomic's database functions, {:db/ident ... :db/fn #db/fn {...}}, that transactions"
          + " may call. Can be given several times; without it they may call none.")
  private List<Path> functions = new ArrayList<>();

  /** Runs the server; ends with 0 after a clean stop. */
  @Override
  public Integer call() throws InterruptedException {
    ServeDefaults settings = (ServeDefaults) spec.commandLine().getDefaultValueProvider();
    settings.check();
    return serve(option -> settings.layer(option, spec.commandLine().getParseResult()));
  }

  private int serve(Function<String, Layer> layers) throws InterruptedException {
    if (port < 0 || port > PORT_MAX) {
      throw new RebasisException(Keyword.of(":rebasis.error/wrong-setting"), ErrorCategory.FIX_REQUEST,
          "--port is a number between 0 and " + PORT_MAX + ", not " + port + ".");
    }
    RebasisServer.Builder builder = RebasisServer.builder().host(host).port(port).warmUp(!noWarmUp)
        .limits(limits.limits());
    access.apply(builder);
    Map<String, String> places = new LinkedHashMap<>();
    Map<String, Path> rulesOfTheirOwn = new LinkedHashMap<>();
    String option = place(layers);
    if (!option.equals("--databases")) {
      places.put(database, one(builder, option));
    } else {
      OF_ONE.stream().filter(other -> layers.apply(other) != null).findFirst().ifPresent(ServeCommand::refuseBesideSeveral);
      DatabasesFile several = DatabasesFile.parse(databases, read(databases, "databases"));
      places.putAll(several.apply(builder));
      rulesOfTheirOwn.putAll(several.accessFiles());
    }
    RebasisServer server = start(builder);
    WatchedFiles files = watched(server, rulesOfTheirOwn);
    // The JVM runs this when it is told to end; it would then report 143 or 130 although everything is in order.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, drainSeconds), "rebasis-stop"));
    places.forEach((name, place) -> say(spec.commandLine().getOut(),
        "Listening on " + server.uri(name) + " (T " + server.t(name) + ", " + place + ")"));
    if (!noWarmUp) {
      server.warmedUp().thenAccept(took -> say(spec.commandLine().getOut(),
          "Warmed up in " + took.toMillis() + " ms: transactions run at full speed now."));
    }
    CountDownLatch end = new CountDownLatch(1);
    while (!end.await(WATCH_MILLIS, TimeUnit.MILLISECONDS)) {
      files.look();
    }
    return 0;
  }

  /** The files that the server follows while it runs. */
  private WatchedFiles watched(RebasisServer server, Map<String, Path> rulesOfTheirOwn) {
    WatchedFiles files = new WatchedFiles();
    access.watch(files, server, server.names().stream().filter(name -> !rulesOfTheirOwn.containsKey(name)).toList());
    rulesOfTheirOwn.forEach((name, file) ->
        files.add(List.of(file), now -> server.access(name, AccessRules.parse(now.get(0)))));
    return files;
  }

  /** Sets the one database that the options tell of; returns where it is. */
  private String one(RebasisServer.Builder builder, String option) {
    builder.database(database);
    String place = "in memory";
    if (option.equals("--datomic")) {
      builder.datomic(datomic);
      place = "in Datomic";
    } else if (option.equals("--data")) {
      builder.data(data);
      place = "data in " + data;
    }
    for (Path schema : schemas) {
      builder.schema(schema.toString(), read(schema, "schema"));
    }
    if (!policies.isEmpty()) {
      builder.allowPolicies(policies.stream().map(Keyword::of).collect(Collectors.toSet()));
    }
    for (Path file : functions) {
      builder.databaseFunctions(file.toString(), read(file, "functions"));
    }
    return place;
  }

  /** The option that says where the data are: what stands in one layer goes before whatever stands in the next. */
  private String place(Function<String, Layer> layers) {
    for (Layer layer : Layer.values()) {
      List<String> here = PLACES.stream()
          .filter(option -> layers.apply(option) == layer && (inMemory || !option.equals("--in-memory"))).toList();
      if (here.size() > 1 && here.contains("--databases")) {
        refuseBesideSeveral(here.get(0));
      }
      if (here.size() > 1) {
        throw new RebasisException(Keyword.of(":rebasis.error/wrong-setting"), ErrorCategory.FIX_REQUEST,
            "Give one of " + String.join(" and ", here) + ": the database is in one place.");
      }
      if (!here.isEmpty()) {
        return here.get(0);
      }
    }
    return "--data";
  }

  private static void refuseBesideSeveral(String option) {
    throw new RebasisException(Keyword.of(":rebasis.error/wrong-setting"), ErrorCategory.FIX_REQUEST,
        "With --databases, say in that file what " + option + " would say.");
  }

  private RebasisServer start(RebasisServer.Builder builder) throws InterruptedException {
    while (true) {
      try {
        return builder.start();
      } catch (RebasisException e) {
        long wait = e.category() == ErrorCategory.RETRY_LATER && e.retryAfter() != null
            ? e.retryAfter().toMillis() : Long.MAX_VALUE;
        if (wait > CLOCK_WAIT_MILLIS_MAX) {
          throw e;
        }
        say(spec.commandLine().getErr(), e.getMessage() + " Trying again in " + wait + " ms.");
        Thread.sleep(wait);
      }
    }
  }

  private void stop(RebasisServer server, int drainSeconds) {
    PrintWriter out = spec.commandLine().getOut();
    int status = 0;
    try {
      server.stopBeingReady();
      if (drainSeconds > 0) {
        say(out, "Stopping: /ready says no for " + drainSeconds + " s first.");
        Thread.sleep(drainSeconds * 1_000L);
      }
      server.close();
      say(out, "Stopped.");
    } catch (InterruptedException e) {
      System.err.println("rebasis: The server was interrupted while it waited to stop. Nothing acknowledged is lost.");
      status = 1;
    } catch (RuntimeException e) {
      System.err.println("rebasis: The server did not stop cleanly: " + e.getMessage()
          + ". Nothing acknowledged is lost.");
      status = 1;
    }
    Runtime.getRuntime().halt(status);
  }

  private static void say(PrintWriter to, String line) {
    to.println(line);
    to.flush();
  }

  static String read(Path file, String what) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw unreadable(file, what, "there is no such file", e);
    } catch (CharacterCodingException e) {
      throw unreadable(file, what, "it is not UTF-8 text", e);
    } catch (IOException e) {
      throw unreadable(file, what, e.getMessage(), e);
    }
  }

  private static RebasisException unreadable(Path file, String what, String why, IOException cause) {
    return new RebasisException(Keyword.of(":rebasis.error/schema"), ErrorCategory.FIX_REQUEST,
        "Cannot read the " + what + " file " + file + ": " + why + ". Name a readable EDN file with --" + what + ".",
        Map.of(), cause);
  }
}
