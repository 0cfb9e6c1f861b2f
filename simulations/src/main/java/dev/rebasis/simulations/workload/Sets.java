package dev.rebasis.simulations.workload;

import dev.rebasis.client.Database;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Values come and go in sets of few things: tags under the default policy {@code add-wins}, marks under {@code union},
 * labels under {@code remove-wins}. What was added last is there, or, where removal wins, what was removed last is not.
 */
final class Sets implements Workload {
  private static final int THINGS = 3;
  private static final int TAGS = 5;

  @Override
  public String name() {
    return "sets";
  }

  @Override
  public String description() {
    return "values added to and removed from sets, under 'add-wins', 'union' and 'remove-wins'";
  }

  @Override
  public Alterable alterable(Keyword attribute) {
    return Alterable.NAMES;
  }

  @Override
  public List<?> schema() {
    return SchemaShorthand.forms("[:thing/name string identity] [:thing/tags keyword many]"
        + " [:thing/marks keyword many :rebasis.policy/union] [:thing/labels keyword many :rebasis.policy/remove-wins]");
  }

  @Override
  public String beginning() {
    StringBuilder forms = new StringBuilder("[");
    for (int i = 0; i < THINGS; i++) {
      forms.append("{:thing/name \"").append(i).append("\" :thing/tags [:tag/t0] :thing/labels [:tag/t0 :tag/t1]}");
    }
    return forms.append(']').toString();
  }

  @Override
  public List<String> kinds() {
    return List.of("add-tag", "remove-tag", "clear-tags", "add-mark", "remove-mark", "add-label", "remove-label");
  }

  @Override
  public Set<String> policies(String kind) {
    return switch (kind.substring(kind.indexOf('-') + 1)) {
      case "mark" -> Set.of("union");
      case "label" -> Set.of("remove-wins");
      default -> Set.of("add-wins");
    };
  }

  @Override
  public boolean canBeUndone() {
    return true;
  }

  @Override
  public String argument(String kind, RandomGenerator random, Made made) {
    return "[\"" + random.nextInt(THINGS) + "\" :tag/t" + random.nextInt(TAGS) + "]";
  }

  @Override
  public Object forms(String kind, String argument, Database db) {
    String[] words = argument.substring(1, argument.length() - 1).split(" ");
    String entity = "[:thing/name " + words[0] + "]";
    if (kind.equals("clear-tags")) {
      return "[[:db/retract " + entity + " :thing/tags]]";
    }
    String attribute = " :thing/" + kind.substring(kind.indexOf('-') + 1) + "s ";
    if (kind.startsWith("add-")) {
      return "[[:db/add " + entity + attribute + words[1] + "]]";
    } else if (kind.startsWith("remove-")) {
      return "[[:db/retract " + entity + attribute + words[1] + "]]";
    }
    throw new IllegalArgumentException("sets have no operation " + kind);
  }

  @Override
  public boolean judgesUncertain() {
    return true;
  }

  @Override
  public List<String> judge(List<Committed> committed, Database db) {
    Map<List<?>, String> last = new LinkedHashMap<>();
    Set<List<?>> doubtful = new HashSet<>();
    for (Committed operation : committed) {
      List<?> words = (List<?>) Edn.read(operation.argument());
      String set = operation.kind().substring(operation.kind().indexOf('-') + 1);
      if (!operation.isSure()) {
        // A set that was cleared is doubtful as a whole.
        doubtful.add(operation.kind().equals("clear-tags") ? List.of("tag", words.get(0)) : List.of(set, words.get(0), words.get(1)));
      }
      if (operation.kind().equals("clear-tags")) {
        last.keySet().removeIf(place -> place.get(0).equals("tag") && place.get(1).equals(words.get(0)));
      } else {
        last.put(List.of(set, words.get(0), words.get(1)), operation.kind());
      }
    }
    last.keySet().removeIf(place -> doubtful.contains(place) || doubtful.contains(place.subList(0, 2)));
    List<String> wrong = new ArrayList<>();
    last.forEach((place, kind) -> {
      boolean there = Reads.all(db, ":thing/name", place.get(1), ":thing/" + place.get(0) + "s").contains(place.get(2));
      boolean removalWins = place.get(0).equals("label");
      if (removalWins && there && kind.startsWith("remove-")) {
        wrong.add(place + " was removed last, and is there");
      } else if (!removalWins && !there && kind.startsWith("add-")) {
        wrong.add(place + " was added last, and is not there");
      }
    });
    return wrong;
  }
}
