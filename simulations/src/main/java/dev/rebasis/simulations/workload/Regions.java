package dev.rebasis.simulations.workload;

import dev.rebasis.client.Database;
import dev.rebasis.client.Scope;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Parcels that move between regions and grow heavier, held by clients of which most hold a part only: what they hold
 * comes and goes as others write, and as they change what they want.
 */
final class Regions implements Workload {
  private static final int PARCELS = 8;
  private static final int WEIGHTS = 9;

  @Override
  public String name() {
    return "regions";
  }

  @Override
  public String description() {
    return "parcels that move between regions; all clients but the first hold some regions only, and change which";
  }

  @Override
  public Alterable alterable(Keyword attribute) {
    return Alterable.NAMES;
  }

  @Override
  public List<?> schema() {
    return SchemaShorthand.forms("[:parcel/number string identity] [:parcel/region keyword] [:parcel/weight long]"
        + " [:parcel/lines ref many component] [:line/product string]");
  }

  @Override
  public String beginning() {
    StringBuilder forms = new StringBuilder("[");
    for (int i = 0; i < PARCELS / 2; i++) {
      forms.append("{:parcel/number \"").append(i).append("\" :parcel/region :region/r").append(i % 3).append('}');
    }
    return forms.append(']').toString();
  }

  @Override
  public List<Scope> scopes() {
    return List.of(
        Scope.named("zero", "[:find ?p :where [?p :parcel/region :region/r0]]"),
        Scope.named("one", "[:find ?p :where [?p :parcel/region :region/r1]]").pull("[:parcel/number]"),
        Scope.named("heavy", "[:find ?p :where [?p :parcel/weight ?w] [(> ?w 5)]]"),
        Scope.named("tea", "[:find ?p :where [?p :parcel/lines ?l] [?l :line/product \"v1\"]]"));
  }

  @Override
  public List<String> kinds() {
    return List.of("move", "weigh", "add-line", "change-line", "drop");
  }

  @Override
  public Set<String> policies(String kind) {
    return switch (kind) {
      case "move", "weigh" -> Set.of("last-writer-wins");
      case "drop" -> Set.of("park");
      default -> Set.of();
    };
  }

  @Override
  public boolean canBeUndone() {
    return true;
  }

  @Override
  public String argument(String kind, RandomGenerator random, Made made) {
    return Choice.draw(random, PARCELS, WEIGHTS, made);
  }

  @Override
  public Object forms(String kind, String argument, Database db) {
    Choice chosen = Choice.of(argument);
    int number = Integer.parseInt(chosen.number());
    String parcel = "{:parcel/number \"" + chosen.which() + "\"";
    return switch (kind) {
      case "move" -> "[" + parcel + " :parcel/region :region/r" + number % 3 + "}]";
      case "weigh" -> "[" + parcel + " :parcel/weight " + number + "}]";
      case "add-line" -> "[" + parcel + " :parcel/lines [{:line/product \"v" + number % 3 + "\"}]}]";
      case "change-line" -> changeLine(db, number);
      case "drop" -> Reads.one(db, ":parcel/number", chosen.which(), ":parcel/number") == null ? null
          : "[[:db/retractEntity [:parcel/number \"" + chosen.which() + "\"]]]";
      default -> throw new IllegalArgumentException("regions have no operation " + kind);
    };
  }

  private static String changeLine(Database db, int number) {
    List<Datom> lines = Reads.facts(db, ":line/product");
    return lines.isEmpty() ? null
        : "[[:db/add " + lines.get(number % lines.size()).e() + " :line/product \"v" + number % 3 + "\"]]";
  }
}
