package dev.rebasis.server;

import dev.rebasis.error.RebasisException;
import dev.rebasis.server.access.Authenticator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/**
 * How to run a server. Immutable.
 *
 * @param host the address to listen on; by default only this machine can connect
 * @param port the port, 0 for a free one
 * @param databases at least one; the first is the one that {@link RebasisServer}'s own methods are about
 * @param authenticator tells whom a token stands for
 * @param tls certificates and key; null for none
 * @param warmUp whether to warm the JVM up on a scratch database for some seconds after the start
 * @param fatal told of a fault in the server itself; it must end the process, since nothing is answered after it
 * @param limits what clients may do, for each database by itself
 * @param allowedHosts names, without port, that requests may call the server by though it asks for no tokens; it answers to addresses,
 *     {@code localhost} and {@code host} in any case
 */
public record ServerConfig(
    String host, int port, List<DatabaseConfig> databases, Authenticator authenticator, Tls tls, boolean warmUp,
    Consumer<RebasisException> fatal, ServerLimits limits, Set<String> allowedHosts) {
  /** One that goes by no further name. */
  public ServerConfig(String host, int port, List<DatabaseConfig> databases, Authenticator authenticator, Tls tls, boolean warmUp,
      Consumer<RebasisException> fatal, ServerLimits limits) {
    this(host, port, databases, authenticator, tls, warmUp, fatal, limits, Set.of());
  }

  /** Checks the values. */
  public ServerConfig {
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(authenticator, "authenticator");
    Objects.requireNonNull(fatal, "fatal");
    Objects.requireNonNull(limits, "limits");
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("A port is between 0 and 65535, not " + port + ".");
    }
    allowedHosts = Set.copyOf(allowedHosts);
    databases = List.copyOf(databases);
    if (databases.isEmpty()) {
      throw new IllegalArgumentException("A server has at least one database.");
    }
    Set<String> names = new HashSet<>();
    for (DatabaseConfig database : databases) {
      if (!names.add(database.name())) {
        throw new IllegalArgumentException("Two databases are called '" + database.name() + "'.");
      }
    }
  }

  /**
   * What TLS needs.
   *
   * @param certificates the server's certificate and those between it and a root, in PEM
   * @param key its private key, in PEM as PKCS#8
   */
  public record Tls(String certificates, String key) {
    @Override
    public String toString() {
      return "Tls";
    }
  }
}
