package dev.rebasis.simulations.workload;

import dev.rebasis.client.Database;
import java.util.List;
import java.util.random.RandomGenerator;

/** Tags come and go on a few things; what is added on one side wins over its removal on another. */
final class Sets implements Workload {
  private static final int THINGS = 3;
  private static final int TAGS = 5;

  @Override
  public String name() {
    return "sets";
  }

  @Override
  public String description() {
    return "tags added to and removed from sets; an addition wins over a removal that had not seen it";
  }

  @Override
  public List<?> schema() {
    return SchemaShorthand.forms("[:thing/name string identity] [:thing/tags keyword many]");
  }

  @Override
  public String beginning() {
    StringBuilder forms = new StringBuilder("[");
    for (int i = 0; i < THINGS; i++) {
      forms.append("{:thing/name \"").append(i).append("\" :thing/tags [:tag/t0]}");
    }
    return forms.append(']').toString();
  }

  @Override
  public List<String> kinds() {
    return List.of("add-tag", "remove-tag", "clear-tags");
  }

  @Override
  public String argument(String kind, RandomGenerator random, Made made) {
    return "[\"" + random.nextInt(THINGS) + "\" :tag/t" + random.nextInt(TAGS) + "]";
  }

  @Override
  public Object forms(String kind, String argument, Database db) {
    String[] words = argument.substring(1, argument.length() - 1).split(" ");
    String entity = "[:thing/name " + words[0] + "]";
    return switch (kind) {
      case "add-tag" -> "[[:db/add " + entity + " :thing/tags " + words[1] + "]]";
      case "remove-tag" -> "[[:db/retract " + entity + " :thing/tags " + words[1] + "]]";
      case "clear-tags" -> "[[:db/retract " + entity + " :thing/tags]]";
      default -> throw new IllegalArgumentException("sets have no operation " + kind);
    };
  }
}
