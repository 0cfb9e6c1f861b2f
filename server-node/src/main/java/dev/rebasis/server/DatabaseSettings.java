package dev.rebasis.server;

import dev.rebasis.conflict.CustomPolicy;
import dev.rebasis.conflict.Rules;
import dev.rebasis.conflict.TransactionFunction;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.server.access.AccessRules;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Collects the configuration of one database of a server; see {@link RebasisServer.Builder}. Confined. */
public final class DatabaseSettings {
  private Path data;
  private String datomic;
  private AccessRules access;
  private final List<DatabaseConfig.SchemaText> schemas = new ArrayList<>();
  private final Rules.Builder rules = Rules.builder();
  private final List<DatabaseConfig.SchemaText> databaseFunctions = new ArrayList<>();

  private Set<Keyword> allowed = Set.of();
  private boolean touched;

  DatabaseSettings() {}

  /** Whether anything was set. */
  boolean isTouched() {
    return touched;
  }

  private DatabaseSettings touched() {
    touched = true;
    return this;
  }

  /** Keeps the log in this folder. Without it, everything is in memory only and lost at the end. */
  public DatabaseSettings data(Path folder) {
    this.data = folder;
    return touched();
  }

  /**
   * Keeps the database in Datomic, where other server-nodes and other peers may share it; it is made if it is not there.
   *
   * @param uri a URI of Datomic's: {@code datomic:dev://host:4334/orders}, {@code datomic:sql://...}, {@code datomic:mem://...}
   */
  public DatabaseSettings datomic(String uri) {
    this.datomic = uri;
    return touched();
  }

  /**
   * Adds a schema.
   *
   * @param name what to call it in messages
   * @param edn one or more vectors of forms, each transacted at the start if it would change anything
   */
  public DatabaseSettings schema(String name, String edn) {
    schemas.add(new DatabaseConfig.SchemaText(name, edn));
    return touched();
  }

  /** What users may see and write, by their roles; by default what the server's rules say. */
  public DatabaseSettings access(AccessRules byRole) {
    this.access = byRole;
    return touched();
  }

  /** See {@link RebasisServer.Builder#register(String, long, CustomPolicy)}. */
  public DatabaseSettings register(String name, long version, CustomPolicy policy) {
    rules.policy(Keyword.of(name), version, policy);
    return touched();
  }

  /** See {@link RebasisServer.Builder#register(String, TransactionFunction)}. */
  public DatabaseSettings register(String name, TransactionFunction function) {
    rules.function(Keyword.of(name), function);
    return touched();
  }

  /** See {@link RebasisServer.Builder#allowPolicies}. */
  public DatabaseSettings allowPolicies(Set<Keyword> names) {
    Set<Keyword> list = Set.copyOf(names);
    allowed = list;
    rules.mayAsk(policy -> list.contains(policy.name()));
    return touched();
  }

  /** See {@link RebasisServer.Builder#callsTwice}. */
  public DatabaseSettings callsTwice() {
    rules.callsTwice();
    return touched();
  }

  /** See {@link RebasisServer.Builder#databaseFunctions}. */
  public DatabaseSettings databaseFunctions(String name, String edn) {
    databaseFunctions.add(new DatabaseConfig.SchemaText(name, edn));
    return touched();
  }

  /**
   * The configuration, with these rules unless others were given.
   *
   * @throws RebasisException {@code :rebasis.error/unknown-policy} if a policy is allowed that is not there
   */
  DatabaseConfig build(String name, AccessRules otherwise) {
    Rules built = rules.build();
    for (Keyword policy : new TreeSet<>(allowed)) {
      if (!built.policyNames().contains(policy)) {
        throw new RebasisException(Keyword.of(":rebasis.error/unknown-policy"), ErrorCategory.FIX_REQUEST,
            "The database " + name + " is to allow the policy " + policy + ", but there is none of that name. Mend the"
                + " name, or register it; there are " + built.policyNames() + ".",
            Map.of(Keyword.of(":policy"), policy, Keyword.of(":database"), name), null);
      }
    }
    return new DatabaseConfig(name, data, datomic, schemas, access == null ? otherwise : access, built,
        databaseFunctions);
  }
}
