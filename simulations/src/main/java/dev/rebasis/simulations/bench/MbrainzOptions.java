package dev.rebasis.simulations.bench;

import picocli.CommandLine.Option;

/** What the commands about data in the shape of MusicBrainz have in common: how much of it, and which questions. */
final class MbrainzOptions {
  @Option(names = "--scale", paramLabel = "F", defaultValue = "12.84",
      description = "Size: 1 is about 85,000 datoms (default: ${DEFAULT-VALUE}, a million).")
  private double scale;

  @Option(names = "--only", paramLabel = "TEXT", defaultValue = "",
      description = "Only questions whose name contains this.")
  private String only;

  /** The data; the same for the same scale. */
  MbrainzData data() {
    return new MbrainzData(scale);
  }

  /** Whether a question is asked for. */
  boolean wants(String question) {
    return question.contains(only);
  }
}
