package dev.rebasis.simulations.workload;

import dev.rebasis.client.Database;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Orders with line items as components: made whole, extended, changed and retracted whole. */
final class Trees implements Workload {
  private static final int ORDERS = 4;
  private static final int COUNTS = 100;

  @Override
  public String name() {
    return "trees";
  }

  @Override
  public String description() {
    return "orders with line items as components, made, extended and retracted whole";
  }

  @Override
  public Alterable alterable(Keyword attribute) {
    return Alterable.NAMES;
  }

  @Override
  public List<?> schema() {
    return SchemaShorthand.forms("[:order/number long identity] [:order/items ref many component]"
        + " [:item/name string] [:item/count long] [:item/parts ref many component]");
  }

  @Override
  public String beginning() {
    return "[]";
  }

  @Override
  public List<String> kinds() {
    return List.of("make-order", "add-item", "change-item", "retract-order", "retract-item");
  }

  @Override
  public List<String> tempids(String kind) {
    return kind.equals("add-item") ? List.of("i") : List.of();
  }

  @Override
  public Set<String> policies(String kind) {
    return switch (kind) {
      case "change-item" -> Set.of("last-writer-wins", "park");
      case "retract-order" -> Set.of("park");
      default -> Set.of();
    };
  }

  @Override
  public boolean canBeUndone() {
    return true;
  }

  @Override
  public String argument(String kind, RandomGenerator random, Made made) {
    return Choice.draw(random, ORDERS, COUNTS, made);
  }

  @Override
  public Object forms(String kind, String argument, Database db) {
    Choice chosen = Choice.of(argument);
    String order = "[:order/number " + chosen.which() + "]";
    boolean there = Reads.one(db, ":order/number", Long.valueOf(chosen.which()), ":order/number") != null;
    String item = chosen.made() == null ? anyItem(db, Integer.parseInt(chosen.number())) : chosen.made();
    return switch (kind) {
      case "make-order" -> "[{:order/number " + chosen.which() + " :order/items [{:item/name \"a\" :item/count "
          + chosen.number() + " :item/parts [{:item/name \"bolt\"} {:item/name \"nut\"}]} {:item/name \"b\"}]}]";
      case "add-item" -> "[{:db/id \"i\" :item/name \"c\" :item/count " + chosen.number() + "} {:order/number "
          + chosen.which() + " :order/items \"i\"}]";
      case "change-item" -> item == null ? null : "[[:db/add " + item + " :item/count " + chosen.number() + "]]";
      case "retract-order" -> there ? "[[:db/retractEntity " + order + "]]" : null;
      case "retract-item" -> item == null ? null : "[[:db/retractEntity " + item + "]]";
      default -> throw new IllegalArgumentException("trees have no operation " + kind);
    };
  }

  private static String anyItem(Database db, int number) {
    List<Datom> items = Reads.facts(db, ":item/count");
    return items.isEmpty() ? null : Long.toString(items.get(number % items.size()).e());
  }

  /** Every part belongs to an item that is there: a tree is retracted whole or not at all. */
  @Override
  public List<String> wrong(Database db) {
    Set<Long> held = new HashSet<>();
    Reads.facts(db, ":item/parts").forEach(datom -> held.add((Long) datom.v()));
    Reads.facts(db, ":order/items").forEach(datom -> held.add((Long) datom.v()));
    List<String> wrong = new ArrayList<>();
    for (Datom name : Reads.facts(db, ":item/name")) {
      if (!held.contains(name.e())) {
        wrong.add("the part " + name.e() + " (" + name.v() + ") belongs to nothing");
      }
    }
    return wrong;
  }
}
