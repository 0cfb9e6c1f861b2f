package dev.rebasis.simulations.workload;

import dev.rebasis.client.Database;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/** People claim names that only one may have, and give them up again. */
final class UniqueNames implements Workload {
  private static final int PEOPLE = 5;
  private static final int NAMES = 4;

  @Override
  public String name() {
    return "names";
  }

  @Override
  public String description() {
    return "people claim and give up names of which there is only one each";
  }

  @Override
  public Alterable alterable(Keyword attribute) {
    return Alterable.NAMES;
  }

  @Override
  public List<?> schema() {
    return SchemaShorthand.forms("[:person/number long identity] [:person/name string value] [:person/friend ref]");
  }

  @Override
  public String beginning() {
    return "[{:person/number 0} {:person/number 1}]";
  }

  @Override
  public List<String> kinds() {
    return List.of("join", "claim", "give-up", "befriend", "leave");
  }

  @Override
  public List<String> tempids(String kind) {
    return kind.equals("join") ? List.of("p") : List.of();
  }

  @Override
  public Set<String> policies(String kind) {
    return switch (kind) {
      case "claim" -> Set.of("last-writer-wins", "park");
      case "give-up" -> Set.of("last-writer-wins");
      case "leave" -> Set.of("park");
      default -> Set.of();
    };
  }

  @Override
  public boolean canBeUndone() {
    return true;
  }

  @Override
  public String argument(String kind, RandomGenerator random, Made made) {
    return Choice.draw(random, PEOPLE, NAMES, made);
  }

  @Override
  public Object forms(String kind, String argument, Database db) {
    Choice chosen = Choice.of(argument);
    String person = "[:person/number " + chosen.which() + "]";
    boolean there = Reads.one(db, ":person/number", Long.valueOf(chosen.which()), ":person/number") != null;
    if (kind.equals("join")) {
      return "[{:db/id \"p\" :person/number " + chosen.which() + "}]";
    } else if (!there) {
      return null;
    }
    return switch (kind) {
      case "claim" -> "[[:db/add " + person + " :person/name \"n" + chosen.number() + "\"]]";
      case "give-up" -> "[[:db/retract " + person + " :person/name]]";
      case "befriend" -> befriend(db, person, chosen);
      case "leave" -> "[[:db/retractEntity " + person + "]]";
      default -> throw new IllegalArgumentException("names have no operation " + kind);
    };
  }

  /** Someone whom the same client entered, else anyone whom it knows. */
  private static String befriend(Database db, String person, Choice chosen) {
    long number = Long.parseLong(chosen.number());
    String friend = chosen.made() != null ? chosen.made()
        : Reads.one(db, ":person/number", number, ":person/number") == null ? null : "[:person/number " + number + "]";
    return friend == null ? null : "[[:db/add " + person + " :person/friend " + friend + "]]";
  }

  @Override
  public List<String> wrong(Database db) {
    List<String> wrong = new ArrayList<>();
    for (String attribute : List.of(":person/name", ":person/number")) {
      Map<Object, Long> holders = new HashMap<>();
      for (Datom datom : Reads.facts(db, attribute)) {
        Long other = holders.put(datom.v(), datom.e());
        if (other != null) {
          wrong.add(attribute + " " + datom.v() + " is held by " + other + " and by " + datom.e());
        }
      }
    }
    return wrong;
  }
}
