package dev.rebasis.server.wiring;

import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.master.MasterSetup;
import dev.rebasis.server.internal.session.ServerMachine;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * The server's figures for Prometheus, by Micrometer; docs/server.md names them. They are read once for each scrape, so
 * that those of one scrape fit each other. Thread-safe.
 */
final class Metrics implements AutoCloseable {
  /** So many clients, those furthest behind, are named one by one; more would be too many series. */
  private static final int LAGS_MAX = 50;
  /** More steps of T behind than so many: how many sessions there are. */
  private static final long[] LAG_BANDS = {0, 100, 10_000};

  /**
   * A database at one moment. Immutable.
   *
   * @param t its newest durable T
   * @param sessions connections
   * @param lags of welcomed clients, the furthest behind first
   * @param outcomes of pushed transactions, since the start
   * @param loads that run now
   * @param givenUp how many policies, functions and premises are not called any more, since they took too long
   */
  record Reading(Master.Stats master, long t, int sessions, List<ServerMachine.Lag> lags,
      Map<OutcomeKind, Long> outcomes, int loads, int givenUp) {
    private static final Reading NONE =
        new Reading(new Master.Stats(0, 0, 0, 0, 0, 0, 0, null), 0, 0, List.of(), Map.of(), 0, 0);

    long lagMax() {
      return lags.isEmpty() ? 0 : lags.get(0).lag();
    }

    long furtherBehindThan(long steps) {
      return lags.stream().filter(one -> one.lag() > steps).count();
    }
  }

  private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics collections = new JvmGcMetrics();
  private final List<String> databases;
  private final Function<String, Reading> source;
  private final Map<String, Timer> forces = new HashMap<>();
  private final MultiGauge lags = MultiGauge.builder("rebasis.session.lag")
      .description("Steps of T that a client is behind; the " + LAGS_MAX + " that are furthest").register(registry);
  private volatile Map<String, Reading> readings;

  /**
   * Figures of databases.
   *
   * @param databases their names
   * @param source reads one's figures; null for one that is away, which is then shown as it was
   */
  Metrics(List<String> databases, Function<String, Reading> source) {
    this.databases = databases;
    this.source = source;
    this.readings = databases.stream().collect(Collectors.toMap(name -> name, name -> Reading.NONE));
    databases.forEach(this::bind);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    collections.bindTo(registry);
  }

  /** Takes the time of a database's forces. */
  MasterSetup.ForceTimer forces(String database) {
    return forces.get(database)::record;
  }

  private void bind(String database) {
    gauge(database, "rebasis.t", "Newest durable T", Reading::t);
    gauge(database, "rebasis.sessions", "Connections", Reading::sessions);
    gauge(database, "rebasis.session.lag.max", "Steps of T that the session furthest behind is behind", Reading::lagMax);
    for (long steps : LAG_BANDS) {
      gauge(database, "rebasis.sessions.behind", "Sessions that are behind by more steps of T than this",
          r -> r.furtherBehindThan(steps), "more_than", Long.toString(steps));
    }
    gauge(database, "rebasis.loads", "First loads that run now", Reading::loads);
    gauge(database, "rebasis.given.up", "Policies, functions and premises not called any more, since they took too long",
        Reading::givenUp);
    gauge(database, "rebasis.push.queued", "Pushed transactions that wait for a decision", r -> r.master().queued());
    gauge(database, "rebasis.log.unforced", "Committed transactions that wait for the disk", r -> r.master().unforced());
    gauge(database, "rebasis.clock.behind.seconds", "How far the clock is behind the newest transaction; writes are refused then",
        r -> r.master().clockBehindMillis() / 1000.0);
    counter(database, "rebasis.transactions", "Transactions committed since the start", r -> r.master().transactions());
    counter(database, "rebasis.log.forces", "How often the log was forced to the disk", r -> r.master().forces());
    counter(database, "rebasis.rebases", "Pushed transactions that were decided after others had written since their basis",
        r -> r.master().rebased());
    counter(database, "rebasis.decided.again", "Decisions made again because another node wrote meanwhile",
        r -> r.master().decidedAgain());
    for (OutcomeKind kind : OutcomeKind.values()) {
      counter(database, "rebasis.push.outcomes", "Outcomes of pushed transactions", r -> r.outcomes().getOrDefault(kind, 0L),
          "kind", kind.name().toLowerCase(Locale.ROOT));
    }
    forces.put(database, Timer.builder("rebasis.log.force").tag("database", database)
        .description("How long the log's forces to the disk took")
        .serviceLevelObjectives(Duration.ofMillis(1), Duration.ofMillis(5), Duration.ofMillis(20), Duration.ofMillis(100),
            Duration.ofSeconds(1)).register(registry));
  }

  private void gauge(String database, String name, String help, ToDoubleFunction<Reading> value, String... tags) {
    Gauge.builder(name, this, metrics -> value.applyAsDouble(metrics.readings.get(database))).tag("database", database)
        .tags(tags).description(help).register(registry);
  }

  private void counter(String database, String name, String help, ToDoubleFunction<Reading> value, String... tags) {
    FunctionCounter.builder(name, this, metrics -> value.applyAsDouble(metrics.readings.get(database)))
        .tag("database", database).tags(tags).description(help).register(registry);
  }

  private Map<String, Reading> read() {
    Map<String, Reading> read = new HashMap<>();
    for (String database : databases) {
      Reading now = source.apply(database);
      read.put(database, now == null ? readings.get(database) : now);
    }
    return read;
  }

  private List<MultiGauge.Row<?>> rows(String database, Reading reading) {
    List<MultiGauge.Row<?>> rows = new ArrayList<>();
    for (ServerMachine.Lag one : reading.lags().subList(0, Math.min(LAGS_MAX, reading.lags().size()))) {
      rows.add(MultiGauge.Row.of(Tags.of("database", database, "client", Long.toString(one.client())), one.lag()));
    }
    return rows;
  }

  /** All of them, in Prometheus's text format. */
  synchronized String scrape() {
    readings = read();
    lags.register(databases.stream().flatMap(name -> rows(name, readings.get(name)).stream()).toList(), true);
    return registry.scrape();
  }

  @Override
  public void close() {
    collections.close();
    registry.close();
  }
}
