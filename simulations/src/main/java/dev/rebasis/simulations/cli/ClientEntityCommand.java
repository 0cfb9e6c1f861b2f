package dev.rebasis.simulations.cli;

import dev.rebasis.client.Database;
import dev.rebasis.client.Entity;
import dev.rebasis.client.SyncClient;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.io.PrintWriter;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code rebasis client entity}. */
@Command(
    name = "entity",
    mixinStandardHelpOptions = true,
    description = "Prints the attributes of one entity, one on a line, as EDN.")
final class ClientEntityCommand extends StoreCommand {
  private static final Keyword NO_ENTITY = Keyword.of(":rebasis.error/no-entity");

  @Parameters(index = "0", paramLabel = "ENTITY",
      description = "An ident (:db/doc), a lookup ref ([:order/number \"A-1\"]) or an entity id; a negative one, of an"
          + " entity made here, comes after --.")
  private String entity;

  @Mixin private ViewOptions view;

  private Object id;

  @Override
  void check() {
    super.check();
    view.check();
    id = Edn.read(entity);
  }

  @Override
  int run(SyncClient client, PrintWriter out) {
    options().catchUp(client);
    Database db = view.of(client);
    Entity found = db.entity(id);
    if (found == null || found.keySet().isEmpty()) {
      throw new RebasisException(NO_ENTITY, ErrorCategory.FIX_REQUEST,
          "This store has no entity " + entity + ". See whether it is written right, and whether the store is synced.");
    }
    out.println(":db/id " + found.id());
    Map<String, Object> attributes = new TreeMap<>();
    found.keySet().forEach(attribute -> attributes.put(attribute.toString(), plain(found.get(attribute))));
    attributes.forEach((attribute, value) -> out.println(attribute + " " + Edn.write(value)));
    return 0;
  }

  /** As it would be written in a transaction: a reference as {@code {:db/id n}}. */
  private static Object plain(Object value) {
    if (value instanceof Entity other) {
      return Map.of(Keyword.of(":db/id"), other.id());
    } else if (value instanceof Set<?> set) {
      Set<Object> values = new HashSet<>();
      set.forEach(one -> values.add(plain(one)));
      return values;
    }
    return value;
  }
}
