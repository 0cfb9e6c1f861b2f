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
   * The server at one moment. Immutable.
   *
   * @param t its newest durable T
   * @param sessions connections
   * @param lagMax how far the session that is furthest behind is behind the newest T, in steps of T
   * @param outcomes of pushed transactions, since the start
   * @param loads that run now
   */
  record Reading(
      Master.Stats master, long t, int sessions, long lagMax, Map<OutcomeKind, Long> outcomes, int loads) {}

  private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics collections = new JvmGcMetrics();
  private final Supplier<Reading> source;
  private volatile Reading reading;

  Metrics(Supplier<Reading> source) {
    this.source = source;
    this.reading = source.get();
    gauge("rebasis.t", "Newest durable T", r -> r.t());
    gauge("rebasis.sessions", "Connections", r -> r.sessions());
    gauge("rebasis.session.lag.max", "Steps of T that the session furthest behind is behind", r -> r.lagMax());
    gauge("rebasis.loads", "First loads that run now", r -> r.loads());
    gauge("rebasis.push.queued", "Pushed transactions that wait for a decision", r -> r.master().queued());
    gauge("rebasis.log.unforced", "Committed transactions that wait for the disk", r -> r.master().unforced());
    gauge("rebasis.clock.behind.seconds", "How far the clock is behind the newest transaction; writes are refused then",
        r -> r.master().clockBehindMillis() / 1000.0);
    counter("rebasis.transactions", "Transactions committed since the start", null, r -> r.master().transactions());
    counter("rebasis.log.forces", "How often the log was forced to the disk", null, r -> r.master().forces());
    for (OutcomeKind kind : OutcomeKind.values()) {
      counter("rebasis.push.outcomes", "Outcomes of pushed transactions", kind.name().toLowerCase(Locale.ROOT),
          r -> r.outcomes().getOrDefault(kind, 0L));
    }
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    collections.bindTo(registry);
  }

  private void gauge(String name, String help, ToDoubleFunction<Reading> value) {
    Gauge.builder(name, this, metrics -> value.applyAsDouble(metrics.reading)).description(help).register(registry);
  }

  private void counter(String name, String help, String kind, ToDoubleFunction<Reading> value) {
    FunctionCounter.Builder<Metrics> builder =
        FunctionCounter.builder(name, this, metrics -> value.applyAsDouble(metrics.reading)).description(help);
    (kind == null ? builder : builder.tag("kind", kind)).register(registry);
  }

  /** All of them, in Prometheus's text format. */
  String scrape() {
    reading = source.get();
    return registry.scrape();
  }

  @Override
  public void close() {
    collections.close();
    registry.close();
  }
}
