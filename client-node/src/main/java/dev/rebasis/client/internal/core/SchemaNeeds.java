package dev.rebasis.client.internal.core;

import dev.rebasis.client.Database;
import dev.rebasis.client.Dependents;
import dev.rebasis.client.Entity;
import dev.rebasis.client.Outcome;
import dev.rebasis.client.SchemaCheck;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.TransactionOptions;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * The schema that a program needs, compared with that of a database. What is wholly missing may be installed; what is there
 * and otherwise is only told, for to change it is the operator's business. Immutable.
 */
final class SchemaNeeds {
  private static final Keyword IDENT = Keyword.of(":db/ident");
  private static final Keyword VALUE_TYPE = Keyword.of(":db/valueType");
  private static final Keyword CARDINALITY = Keyword.of(":db/cardinality");
  /** Compared even if the need does not mention them. */
  private static final List<Keyword> ALWAYS =
      List.of(VALUE_TYPE, CARDINALITY, Keyword.of(":db/unique"), Keyword.of(":db/isComponent"));
  /** What bears on no fact. */
  private static final List<Keyword> NEVER = List.of(Keyword.of(":db/id"), IDENT, Keyword.of(":db/doc"));

  private final Map<Keyword, Map<?, ?>> attributes = new LinkedHashMap<>();

  /**
   * Reads the need.
   *
   * @param forms map forms, each with {@code :db/ident}, {@code :db/valueType} and {@code :db/cardinality}
   */
  SchemaNeeds(Object forms) {
    if (!(forms instanceof List<?> list)) {
      throw wrong("The schema that is needed is a vector of maps, not " + forms + ".");
    }
    for (Object form : list) {
      if (!(form instanceof Map<?, ?> map && map.get(IDENT) instanceof Keyword ident && map.get(VALUE_TYPE) instanceof Keyword
          && map.get(CARDINALITY) instanceof Keyword)) {
        throw wrong("An attribute that is needed has :db/ident, :db/valueType and :db/cardinality; " + form + " has not.");
      }
      attributes.put(ident, map);
    }
  }

  private static RebasisException wrong(String sentence) {
    return new RebasisException(Keyword.of(":rebasis.error/wrong-argument"), ErrorCategory.PROGRAMMING_ERROR, sentence);
  }

  /**
   * Meets the need of a client's program, once the client has caught up with its server: compares, installs what is missing
   * if nothing else is wrong, and compares again.
   *
   * @param hasServer whether there is one; without, what is missing is installed at once
   */
  CompletableFuture<SchemaCheck> meet(SyncClient client, boolean hasServer) {
    if (hasServer) {
      return client.sync().thenCompose(now -> meet(client, now));
    }
    List<Object> missing = missing(client.db().schema());
    if (!missing.isEmpty() && otherwise(client.db()).isEmpty()) {
      client.transact(missing);
    }
    return CompletableFuture.completedFuture(new SchemaCheck(differences(client.db())));
  }

  private CompletableFuture<SchemaCheck> meet(SyncClient client, Database now) {
    List<Object> missing = missing(now.schema());
    if (missing.isEmpty() || !otherwise(now).isEmpty()) {
      return CompletableFuture.completedFuture(new SchemaCheck(differences(now)));
    }
    // Should somebody install one of them first, this must not alter it.
    TransactionOptions onlyIfMissing = TransactionOptions.DEFAULT.premise(
        "[:find ?ident :in $ [?ident ...] :where [_ :db/ident ?ident]]",
        missing.stream().map(form -> ((Map<?, ?>) form).get(IDENT)).toList());
    return client.transact(missing, onlyIfMissing).outcome()
        .thenCompose(outcome -> client.sync().thenApply(then -> again(client, outcome)));
  }

  private SchemaCheck again(SyncClient client, Outcome outcome) {
    if (client.parked().stream().anyMatch(record -> record.id().equals(outcome.id()))) {
      // The caller is told, and asks again if the need is still there.
      client.discard(outcome.id(), Dependents.CUT);
    }
    List<String> left = differences(client.confirmed());
    if (!left.isEmpty() && !outcome.isCommitted()) {
      left.add("The server did not let this client install what is missing: " + outcome.message());
    }
    return new SchemaCheck(left);
  }

  private List<String> differences(Database database) {
    List<String> all = new ArrayList<>();
    missing(database.schema()).forEach(form -> all.add("The attribute " + ((Map<?, ?>) form).get(IDENT) + " is missing."));
    all.addAll(otherwise(database));
    return all;
  }

  private List<Object> missing(Schema schema) {
    List<Object> missing = new ArrayList<>();
    attributes.forEach((ident, form) -> {
      if (attribute(schema, ident) == null) {
        missing.add(form);
      }
    });
    return missing;
  }

  private static Attribute attribute(Schema schema, Keyword ident) {
    Long id = schema.entid(ident);
    return id == null ? null : schema.attribute(id);
  }

  /** What is said of an attribute must be so; what is not said may be, but for what changes the meaning of its facts. */
  private List<String> otherwise(Database database) {
    List<String> differences = new ArrayList<>();
    attributes.forEach((ident, form) -> {
      if (attribute(database.schema(), ident) != null) {
        Entity found = database.entity(ident);
        Set<Object> keys = new LinkedHashSet<>(ALWAYS);
        keys.addAll(form.keySet());
        keys.removeAll(NEVER);
        keys.forEach(key -> compare(ident, (Keyword) key, normal(form.get(key)), normal(found.get(key)), differences));
      }
    });
    return differences;
  }

  /** False is as good as nothing, and several values have no order, but for those of a tuple. */
  private static Object normal(Object value) {
    if (Boolean.FALSE.equals(value)) {
      return null;
    }
    if (value instanceof Entity entity) {
      return entity.id();
    }
    return value instanceof Set<?> several ? several.stream().map(SchemaNeeds::normal).collect(Collectors.toSet()) : value;
  }

  private static void compare(Keyword ident, Keyword what, Object needed, Object found, List<String> differences) {
    boolean same = found instanceof Set<?> several && needed instanceof Collection<?> all
        ? several.equals(new HashSet<>(all)) : Objects.equals(needed, found);
    if (!same) {
      differences.add("The attribute " + ident + " has " + what + " " + text(found) + ", and " + text(needed)
          + " is needed.");
    }
  }

  private static String text(Object value) {
    return value instanceof Collection<?> ? Edn.write(value) : String.valueOf(value);
  }
}
