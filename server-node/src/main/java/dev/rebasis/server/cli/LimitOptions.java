package dev.rebasis.server.cli;

import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.server.ServerLimits;
import java.time.Duration;
import picocli.CommandLine.Option;

/** What clients may do, as options. Confined. */
final class LimitOptions {
  @Option(
      names = "--max-message-bytes",
      paramLabel = "N",
      defaultValue = "4194304",
      description = "Largest message that is taken from a client. Default: ${DEFAULT-VALUE}.")
  private int messageBytes;

  @Option(
      names = "--max-sessions",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Most sessions at once. Default: ${DEFAULT-VALUE}.")
  private int sessions;

  @Option(
      names = "--max-sessions-per-user",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Most sessions of one user at once, and, with ten more, most new stores of one user in an hour. Default:"
          + " ${DEFAULT-VALUE}.")
  private int sessionsPerUser;

  @Option(
      names = "--max-push-rate",
      paramLabel = "N",
      defaultValue = "0",
      description = "Most transactions a second that one user (or one store, without users) may push; 0 for no limit."
          + " Default: ${DEFAULT-VALUE}.")
  private int pushRate;

  @Option(
      names = "--idle-timeout",
      paramLabel = "SECONDS",
      defaultValue = "0",
      description = "Tell clients that say nothing for so long to go and to come back after as long again; 0 for never."
          + " Default: ${DEFAULT-VALUE}.")
  private long idleSeconds;

  @Option(
      names = "--max-loads",
      paramLabel = "N",
      defaultValue = "8",
      description = "Most first loads at once. Default: ${DEFAULT-VALUE}.")
  private int loads;

  @Option(
      names = "--max-queries",
      paramLabel = "N",
      defaultValue = "2",
      description = "Most questions by HTTP at once. Default: ${DEFAULT-VALUE}.")
  private int queries;

  @Option(
      names = "--min-protocol",
      paramLabel = "N",
      defaultValue = "" + ProtocolVersion.OLDEST_GUARDED,
      description = "Oldest version of the protocol that is spoken. Default: ${DEFAULT-VALUE}.")
  private int protocol;

  @Option(
      names = "--min-client-version",
      paramLabel = "VERSION",
      description = "Oldest version of the client's program that is let in, such as 2.10.1. Default: any.")
  private String clientVersion;

  @Option(
      names = "--disk-reserve-bytes",
      paramLabel = "N",
      defaultValue = "67108864",
      description = "While less is free on the disk of the log, transactions wait. Default: ${DEFAULT-VALUE}.")
  private long diskReserve;

  @Option(
      names = "--max-scope-bytes",
      paramLabel = "N",
      description = "How much memory what is remembered of the entities in scopes may take, about; one user's a quarter of it."
          + " Default: a quarter of the heap.")
  private Long scopeBytes;

  ServerLimits limits() {
    return new ServerLimits(messageBytes, sessions, sessionsPerUser, pushRate, Duration.ofSeconds(idleSeconds), loads,
        queries, protocol, clientVersion, diskReserve, scopeBytes == null ? ServerLimits.DEFAULT.scopeBytesMax() : scopeBytes);
  }
}
