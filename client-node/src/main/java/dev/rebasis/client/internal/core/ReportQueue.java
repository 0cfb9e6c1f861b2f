package dev.rebasis.client.internal.core;

import dev.rebasis.client.SyncClient.Subscription;
import dev.rebasis.client.TxReport;
import dev.rebasis.client.TxReportQueue;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A {@link TxReportQueue} that a listener fills. Thread-safe. */
final class ReportQueue implements TxReportQueue {
  private final BlockingQueue<Optional<TxReport>> reports = new LinkedBlockingQueue<>();
  private final Subscription subscription;
  private final Consumer<ReportQueue> closed;

  /** Makes one; {@code closed} is told when it is closed. */
  ReportQueue(Notifier<TxReport> source, Consumer<ReportQueue> closed) {
    this.closed = closed;
    this.subscription = source.add(report -> reports.add(Optional.of(report)));
  }

  @Override
  public TxReport poll(Duration timeout) throws InterruptedException {
    Optional<TxReport> next = reports.poll(Math.max(0, timeout.toNanos()), TimeUnit.NANOSECONDS);
    if (next != null && next.isEmpty()) {
      // The end stays, for every reader to find.
      reports.add(next);
      return null;
    }
    return next == null ? null : next.get();
  }

  @Override
  public void close() {
    subscription.close();
    closed.accept(this);
    reports.add(Optional.empty());
  }
}
