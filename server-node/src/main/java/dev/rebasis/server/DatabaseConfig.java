package dev.rebasis.server;

import dev.rebasis.conflict.Rules;
import dev.rebasis.server.access.AccessRules;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * One database of a server. Immutable.
 *
 * @param name its name in URLs
 * @param data the folder of its log; null for in memory only, or if it is in Datomic
 * @param datomic the URI of a Datomic database that other nodes may share; null for an embedded one
 * @param schemas transactions to make at the start if they would change anything
 * @param access what users may see and write
 * @param rules custom policies and functions, and which policies a push may ask for
 * @param databaseFunctions Datomic's database functions ({@code :db/fn}) that a push may call, as EDN
 */
public record DatabaseConfig(
    String name, Path data, String datomic, List<SchemaText> schemas, AccessRules access, Rules rules,
    List<SchemaText> databaseFunctions) {
  /** Checks the values. */
  public DatabaseConfig {
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")) {
      throw new IllegalArgumentException("The database name '" + name
          + "' does not fit into a URL. Use letters, digits, '.', '_' and '-', beginning with a letter or digit.");
    }
    if (data != null && datomic != null) {
      throw new IllegalArgumentException("The database '" + name + "' is either in a folder or in Datomic, not both.");
    }
    schemas = List.copyOf(schemas);
    Objects.requireNonNull(access, "access");
    Objects.requireNonNull(rules, "rules");
    databaseFunctions = List.copyOf(databaseFunctions);
  }

  /**
   * Schema (or other first data) as EDN text: one or more vectors of forms, each one transaction.
   *
   * @param name what to call it in messages, for example its file
   * @param edn the text
   */
  public record SchemaText(String name, String edn) {}
}
