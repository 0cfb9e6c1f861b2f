package dev.rebasis.simulations.cli;

import dev.rebasis.client.Database;
import dev.rebasis.client.SyncClient;
import dev.rebasis.edn.Edn;
import picocli.CommandLine.Option;

/** Which database value a command reads. Confined to one thread. */
final class ViewOptions {
  @Option(names = "--confirmed", description = "Without the pending transactions.")
  private boolean confirmed;

  @Option(names = "--as-of", paramLabel = "MOMENT",
      description = "As it was then: a T such as 1012, or a time such as '#inst \"2026-11-21T10:00:00Z\"'.")
  private String asOf;

  @Option(names = "--since", paramLabel = "MOMENT", description = "Only what was added after that.")
  private String since;

  private Object asOfMoment;
  private Object sinceMoment;

  /** Reads the moments, so that a text that is none is refused before the store is opened. */
  void check() {
    asOfMoment = asOf == null ? null : Edn.read(asOf);
    sinceMoment = since == null ? null : Edn.read(since);
  }

  Database of(SyncClient client) {
    Database view = confirmed ? client.confirmed() : client.db();
    if (asOfMoment != null) {
      view = view.asOf(asOfMoment);
    }
    return sinceMoment == null ? view : view.since(sinceMoment);
  }
}
