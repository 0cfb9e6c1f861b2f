package dev.rebasis.simulations.workload;

import dev.rebasis.client.Database;
import dev.rebasis.edn.Edn;
import java.util.List;
import java.util.random.RandomGenerator;

/** Notes are titled, written to and appended to by several people. */
final class Texts implements Workload {
  private static final int NOTES = 4;
  private static final String[] WORDS = {"ask", "bring", "call", "draw", "every", "fine", "green", "house"};

  @Override
  public String name() {
    return "text";
  }

  @Override
  public String description() {
    return "notes whose titles and bodies several people change";
  }

  @Override
  public List<?> schema() {
    return SchemaShorthand.forms("[:note/id long identity] [:note/title string] [:note/body string]");
  }

  @Override
  public String beginning() {
    return "[{:note/id 0 :note/title \"first\" :note/body \"\"}]";
  }

  @Override
  public List<String> kinds() {
    return List.of("write", "append", "erase");
  }

  @Override
  public String argument(String kind, RandomGenerator random, Made made) {
    return "[" + random.nextInt(NOTES) + " " + Edn.write(WORDS[random.nextInt(WORDS.length)]) + "]";
  }

  @Override
  public Object forms(String kind, String argument, Database db) {
    List<?> words = (List<?>) Edn.read(argument);
    String body = Reads.one(db, ":note/id", words.get(0), ":note/body");
    return switch (kind) {
      case "write" -> "[{:note/id " + words.get(0) + " :note/title " + Edn.write(words.get(1)) + "}]";
      case "append" -> "[{:note/id " + words.get(0) + " :note/body "
          + Edn.write((body == null ? "" : body + " ") + words.get(1)) + "}]";
      case "erase" -> body == null ? null : "[[:db/retract [:note/id " + words.get(0) + "] :note/body]]";
      default -> throw new IllegalArgumentException("text has no operation " + kind);
    };
  }
}
