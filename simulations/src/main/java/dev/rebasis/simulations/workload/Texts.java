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
 * Notes are titled, written to and appended to by several people. A title is what was written last; bodies are merged and
 * erased; logs only grow, and under {@code text-merge-marked} no line of theirs is lost.
 */
final class Texts implements Workload {
  private static final int NOTES = 4;
  private static final int LINES = 1_000_000;
  private static final String[] WORDS = {"ask", "bring", "call", "draw", "every", "fine", "green", "house"};

  @Override
  public String name() {
    return "text";
  }

  @Override
  public String description() {
    return "notes whose titles, bodies and logs several people change, under three policies";
  }

  @Override
  public Alterable alterable(Keyword attribute) {
    return Alterable.NAMES;
  }

  @Override
  public List<?> schema() {
    return SchemaShorthand.forms("[:note/id long identity] [:note/title string]"
        + " [:note/body string :rebasis.policy/text-merge] [:note/log string :rebasis.policy/text-merge-marked]");
  }

  @Override
  public String beginning() {
    return "[{:note/id 0 :note/title \"first\" :note/body \"one two three\" :note/log \"begun\"}]";
  }

  @Override
  public List<String> kinds() {
    return List.of("write", "append", "change-word", "erase", "log");
  }

  @Override
  public Set<String> policies(String kind) {
    return switch (kind) {
      case "write" -> Set.of("last-writer-wins");
      case "log" -> Set.of("text-merge-marked");
      default -> Set.of("text-merge");
    };
  }

  @Override
  public boolean canBeUndone() {
    return true;
  }

  @Override
  public String argument(String kind, RandomGenerator random, Made made) {
    String word = WORDS[random.nextInt(WORDS.length)];
    return "[" + random.nextInt(NOTES) + " " + Edn.write(kind.equals("log") ? word + random.nextInt(LINES) : word) + "]";
  }

  @Override
  public Object forms(String kind, String argument, Database db) {
    List<?> words = (List<?>) Edn.read(argument);
    String word = (String) words.get(1);
    String body = Reads.one(db, ":note/id", words.get(0), ":note/body");
    String log = Reads.one(db, ":note/id", words.get(0), ":note/log");
    return switch (kind) {
      case "write" -> set(words.get(0), ":note/title", word);
      case "append" -> set(words.get(0), ":note/body", (body == null ? "" : body + " ") + word);
      case "change-word" -> body == null ? null
          : set(words.get(0), ":note/body", body.replaceFirst("\\S+", word));
      case "erase" -> body == null ? null : "[[:db/retract [:note/id " + words.get(0) + "] :note/body]]";
      case "log" -> set(words.get(0), ":note/log", (log == null ? "" : log + "\n") + word);
      default -> throw new IllegalArgumentException("text has no operation " + kind);
    };
  }

  private static String set(Object note, String attribute, String value) {
    return "[{:note/id " + note + " " + attribute + " " + Edn.write(value) + "}]";
  }

  @Override
  public boolean judgesUncertain() {
    return true;
  }

  @Override
  public List<String> judge(List<Committed> committed, Database db) {
    List<String> wrong = new ArrayList<>();
    // To take back what made a note takes the note away.
    Set<Object> doubtful = new HashSet<>();
    committed.stream().filter(each -> !each.isSure())
        .forEach(each -> doubtful.add(((List<?>) Edn.read(each.argument())).get(0)));
    Map<Object, String> titles = new LinkedHashMap<>();
    for (Committed operation : committed) {
      List<?> words = (List<?>) Edn.read(operation.argument());
      if (doubtful.contains(words.get(0))) {
        continue;
      }
      if (operation.kind().equals("write")) {
        titles.put(words.get(0), (String) words.get(1));
      } else if (operation.kind().equals("log")) {
        String log = Reads.one(db, ":note/id", words.get(0), ":note/log");
        if (log == null || !log.contains((String) words.get(1))) {
          wrong.add("the log of note " + words.get(0) + " has lost the line " + words.get(1) + ": " + log);
        }
      }
    }
    titles.forEach((note, title) -> {
      String found = Reads.one(db, ":note/id", note, ":note/title");
      if (!title.equals(found)) {
        wrong.add("the title of note " + note + " is " + found + "; written last was " + title);
      }
    });
    return wrong;
  }
}
