package dev.rebasis.server;

import dev.rebasis.conflict.Rules;
import dev.rebasis.error.RebasisException;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.access.Authenticator;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * How a server is to run. Immutable.
 *
 * @param data the folder of the durable log, made if it is not there; null keeps everything in memory only
 * @param host the address to listen on; by default only this machine can connect
 * @param port the port, 0 for a free one
 * @param database the name of the database in its URL
 * @param schemas transactions to make at the start if they would change anything
 * @param authenticator tells whom a token stands for
 * @param access what users may see and write
 * @param tls certificates and key; null for none
 * @param warmUp whether to warm the JVM up on a scratch database for some seconds after the start
 * @param fatal told when the log can no longer be written; it must end the process, since nothing is answered after it
 * @param rules custom policies and functions, and which policies a push may ask for
 * @param databaseFunctions Datomic's database functions ({@code :db/fn}) that a push may call, as EDN
 */
public record ServerConfig(
    Path data, String host, int port, String database, List<SchemaText> schemas, Authenticator authenticator,
    AccessRules access, Tls tls, boolean warmUp, Consumer<RebasisException> fatal, Rules rules,
    List<SchemaText> databaseFunctions) {
  /** Checks the values. */
  public ServerConfig {
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(authenticator, "authenticator");
    Objects.requireNonNull(access, "access");
    Objects.requireNonNull(fatal, "fatal");
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("A port is between 0 and 65535, not " + port + ".");
    }
    if (!database.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")) {
      throw new IllegalArgumentException("The database name '" + database
          + "' does not fit into a URL. Use letters, digits, '.', '_' and '-', beginning with a letter or digit.");
    }
    schemas = List.copyOf(schemas);
    Objects.requireNonNull(rules, "rules");
    databaseFunctions = List.copyOf(databaseFunctions);
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

  /**
   * Schema (or other first data) as EDN text: one or more vectors of forms, each one transaction.
   *
   * @param name what to call it in messages, for example its file
   * @param edn the text
   */
  public record SchemaText(String name, String edn) {}
}
