package dev.rebasis.client.internal.core;

import dev.rebasis.client.Database;
import dev.rebasis.client.Outcome;
import dev.rebasis.client.SchemaCheck;
import dev.rebasis.client.SyncClient;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Cardinality;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Unique;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.OutcomeKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * The schema that a program needs, compared with that of a database. What is wholly missing may be installed; what is there
 * and otherwise is only told, for to change it is the operator's business. Immutable.
 */
final class SchemaNeeds {
  private static final Keyword IDENT = Keyword.of(":db/ident");
  private static final Keyword VALUE_TYPE = Keyword.of(":db/valueType");
  private static final Keyword CARDINALITY = Keyword.of(":db/cardinality");
  private static final Keyword UNIQUE = Keyword.of(":db/unique");
  private static final Keyword COMPONENT = Keyword.of(":db/isComponent");

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
   * Meets the need of a client's program, once the client has caught up with its server.
   *
   * @param hasServer whether there is one; without, what is missing is installed at once
   */
  CompletableFuture<SchemaCheck> meet(SyncClient client, boolean hasServer) {
    if (!hasServer) {
      return meet(client.db(), forms -> CompletableFuture.completedFuture(
          new Outcome(client.transact(forms).id(), OutcomeKind.ACCEPTED, false, 0, null, null, List.of())));
    }
    return client.sync().thenCompose(now -> meet(now, forms -> client.transact(forms).outcome()));
  }

  /** Compares, installs what is missing if nothing else is wrong, and compares again. */
  CompletableFuture<SchemaCheck> meet(Database first, Function<Object, CompletableFuture<Outcome>> transact) {
    List<Object> missing = missing(first.schema());
    List<String> otherwise = otherwise(first.schema());
    if (missing.isEmpty() || !otherwise.isEmpty()) {
      return CompletableFuture.completedFuture(new SchemaCheck(all(missing, otherwise)));
    }
    return transact.apply(missing).thenApply(outcome -> outcome.isCommitted() ? new SchemaCheck(List.of())
        : new SchemaCheck(withReason(all(missing, otherwise), outcome)));
  }

  private static List<String> withReason(List<String> differences, Outcome outcome) {
    List<String> all = new ArrayList<>(differences);
    all.add("The server did not let this client install what is missing: " + outcome.message());
    return all;
  }

  private List<String> all(List<Object> missing, List<String> otherwise) {
    List<String> all = new ArrayList<>();
    missing.forEach(form -> all.add("The attribute " + ((Map<?, ?>) form).get(IDENT) + " is missing."));
    all.addAll(otherwise);
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

  private List<String> otherwise(Schema schema) {
    List<String> differences = new ArrayList<>();
    attributes.forEach((ident, form) -> {
      Attribute found = attribute(schema, ident);
      if (found != null) {
        compare(ident, VALUE_TYPE, form.get(VALUE_TYPE), found.valueType().ident(), differences);
        compare(ident, CARDINALITY, form.get(CARDINALITY),
            Keyword.of(found.cardinality() == Cardinality.MANY ? ":db.cardinality/many" : ":db.cardinality/one"), differences);
        compare(ident, UNIQUE, form.get(UNIQUE), found.unique() == Unique.NONE ? null
            : Keyword.of(found.unique() == Unique.IDENTITY ? ":db.unique/identity" : ":db.unique/value"), differences);
        compare(ident, COMPONENT, Boolean.TRUE.equals(form.get(COMPONENT)), found.component(), differences);
      }
    });
    return differences;
  }

  private static void compare(Keyword ident, Keyword what, Object needed, Object found, List<String> differences) {
    if (needed == null ? found != null : !needed.equals(found)) {
      differences.add("The attribute " + ident + " has " + what + " " + found + ", and " + needed + " is needed.");
    }
  }
}
