package dev.rebasis.server.wiring;

import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.server.internal.master.Master;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * The server's figures for Prometheus, by Micrometer; docs/server.md names them. They are read once for each scrape, so
 * that those of one scrape fit each other. Thread-safe.
 */
final class Metrics implements AutoCloseable {
  /**
   * A database at one moment. Immutable.
   *
   * @param t its newest durable T
   * @param sessions connections
   * @param lagMax how far the session that is furthest behind is behind the newest T, in steps of T
   * @param outcomes of pushed transactions, since the start
   * @param loads that run now
   * @param givenUp how many policies, functions and premises are not called any more, since they took too long
   */
  record Reading(Master.Stats master, long t, int sessions, long lagMax, Map<OutcomeKind, Long> outcomes, int loads,
      int givenUp) {}

  private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics collections = new JvmGcMetrics();
  private final Map<String, Supplier<Reading>> sources;
  private volatile Map<String, Reading> readings = Map.of();

  /** Figures of databases by name. */
  Metrics(Map<String, Supplier<Reading>> sources) {
    this.sources = sources;
    this.readings = read();
    sources.keySet().forEach(this::bind);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    collections.bindTo(registry);
  }

  private Map<String, Reading> read() {
    Map<String, Reading> read = new HashMap<>();
    sources.forEach((database, source) -> {
      Reading now = source.get();
      // One that is away for a while is shown as it was.
      read.put(database, now == null ? readings.get(database) : now);
    });
    return read;
  }

  private void bind(String database) {
    gauge(database, "rebasis.t", "Newest durable T", r -> r.t());
    gauge(database, "rebasis.sessions", "Connections", r -> r.sessions());
    gauge(database, "rebasis.session.lag.max", "Steps of T that the session furthest behind is behind", r -> r.lagMax());
    gauge(database, "rebasis.loads", "First loads that run now", r -> r.loads());
    gauge(database, "rebasis.given.up", "Policies, functions and premises not called any more, since they took too long",
        r -> r.givenUp());
    gauge(database, "rebasis.push.queued", "Pushed transactions that wait for a decision", r -> r.master().queued());
    gauge(database, "rebasis.log.unforced", "Committed transactions that wait for the disk", r -> r.master().unforced());
    gauge(database, "rebasis.clock.behind.seconds", "How far the clock is behind the newest transaction; writes are refused then",
        r -> r.master().clockBehindMillis() / 1000.0);
    counter(database, "rebasis.transactions", "Transactions committed since the start", null, r -> r.master().transactions());
    counter(database, "rebasis.log.forces", "How often the log was forced to the disk", null, r -> r.master().forces());
    for (OutcomeKind kind : OutcomeKind.values()) {
      counter(database, "rebasis.push.outcomes", "Outcomes of pushed transactions", kind.name().toLowerCase(Locale.ROOT),
          r -> r.outcomes().getOrDefault(kind, 0L));
    }
  }

  private void gauge(String database, String name, String help, ToDoubleFunction<Reading> value) {
    Gauge.builder(name, this, metrics -> value.applyAsDouble(metrics.readings.get(database))).tag("database", database)
        .description(help).register(registry);
  }

  private void counter(String database, String name, String help, String kind, ToDoubleFunction<Reading> value) {
    FunctionCounter.Builder<Metrics> builder =
        FunctionCounter.builder(name, this, metrics -> value.applyAsDouble(metrics.readings.get(database))).tag("database", database)
            .description(help);
    (kind == null ? builder : builder.tag("kind", kind)).register(registry);
  }

  /** All of them, in Prometheus's text format. */
  String scrape() {
    readings = read();
    return registry.scrape();
  }

  @Override
  public void close() {
    collections.close();
    registry.close();
  }
}
