package dev.rebasis.simulations.workload;

import dev.rebasis.client.Database;
import dev.rebasis.client.TransactionOptions;
import dev.rebasis.conflict.DatabaseView;
import dev.rebasis.conflict.Meeting;
import dev.rebasis.conflict.Policies;
import dev.rebasis.conflict.Resolved;
import dev.rebasis.conflict.Rules;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.RebasisSchema;
import dev.rebasis.simulations.world.Registered;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * The schema asks for no policy here: all clients ask for one, single transactions for others, one of them is a custom policy,
 * and a sum is raised by a transaction function. The custom policy keeps the longer word, by length and then by letters; the
 * sum ends at what the calls add up to.
 */
final class OwnRules implements Workload {
  private static final int ENTITIES = 2;
  private static final int NUMBERS = 100;
  private static final String[] WORDS = {"ash", "birch", "elm", "hazel", "larch", "oak", "poplar", "willow"};
  private static final String LONGEST = ":own/longest";
  private static final Registered REGISTERED = new Registered(
      Rules.builder().policy(Keyword.of(LONGEST), 1, OwnRules::longest).function(Keyword.of(":own/raise"), OwnRules::raise)
          .callsTwice().build(),
      Map.of(Keyword.of(":own/low"), Policies.min()));

  @Override
  public String name() {
    return "own-rules";
  }

  @Override
  public String description() {
    return "policies that clients and transactions ask for, a custom policy, and a transaction function";
  }

  @Override
  public Alterable alterable(Keyword attribute) {
    return Alterable.NAMES;
  }

  @Override
  public List<?> schema() {
    return SchemaShorthand.forms("[:own/key string identity] [:own/low long] [:own/high long] [:own/word string] [:own/sum long]");
  }

  @Override
  public String beginning() {
    StringBuilder forms = new StringBuilder("[");
    for (int i = 0; i < ENTITIES; i++) {
      forms.append("{:own/key \"").append(i).append("\" :own/low 50 :own/high 50 :own/word \"oak\" :own/sum 0}");
    }
    return forms.append(']').toString();
  }

  @Override
  public Registered registered() {
    return REGISTERED;
  }

  private static Resolved longest(Meeting meeting) {
    return meeting.local().isEmpty() || meeting.remote().isEmpty() ? Resolved.park("One side has no word.")
        : Resolved.value(longer((String) meeting.local().get(0), (String) meeting.remote().get(0)));
  }

  private static String longer(String one, String other) {
    return one.length() != other.length() ? one.length() > other.length() ? one : other : one.compareTo(other) > 0 ? one : other;
  }

  private static List<?> raise(DatabaseView db, List<Object> args) {
    Long sum = (Long) db.value(args.get(0), Keyword.of(":own/sum"));
    return List.of(List.of(Keyword.of(":db/add"), args.get(0), Keyword.of(":own/sum"), (sum == null ? 0 : sum) + (Long) args.get(1)));
  }

  @Override
  public List<String> kinds() {
    return List.of("lower", "heighten", "overwrite", "say", "call");
  }

  @Override
  public Set<String> policies(String kind) {
    return switch (kind) {
      case "lower" -> Set.of("min");
      case "heighten" -> Set.of("max");
      case "overwrite" -> Set.of("last-writer-wins");
      case "say" -> Set.of("longest");
      default -> Set.of();
    };
  }

  @Override
  public TransactionOptions options(String kind, String argument) {
    return switch (kind) {
      case "heighten" -> TransactionOptions.DEFAULT.policy(":own/high", Policies.max());
      case "say" -> TransactionOptions.DEFAULT.policy(":own/word", Policies.custom(LONGEST, 1));
      default -> TransactionOptions.DEFAULT;
    };
  }

  @Override
  public boolean canBeUndone() {
    return true;
  }

  @Override
  public String argument(String kind, RandomGenerator random, Made made) {
    return "[\"" + random.nextInt(ENTITIES) + "\" "
        + (kind.equals("say") ? Edn.write(WORDS[random.nextInt(WORDS.length)]) : Integer.toString(random.nextInt(NUMBERS))) + "]";
  }

  @Override
  public Object forms(String kind, String argument, Database db) {
    List<?> words = (List<?>) Edn.read(argument);
    if (Reads.one(db, ":own/key", words.get(0), ":own/key") == null) {
      return null;
    }
    String entity = "[:own/key " + Edn.write(words.get(0)) + "]";
    String value = Edn.write(words.get(1));
    return switch (kind) {
      case "lower" -> "[[:db/add " + entity + " :own/low " + value + "]]";
      case "heighten", "overwrite" -> "[[:db/add " + entity + " :own/high " + value + "]]";
      case "say" -> "[[:db/add " + entity + " :own/word " + value + "]]";
      case "call" -> "[[:own/raise " + entity + " " + value + "]]";
      default -> throw new IllegalArgumentException("own rules have no operation " + kind);
    };
  }

  @Override
  public boolean judgesUncertain() {
    return true;
  }

  @Override
  public List<String> judge(List<Committed> committed, Database db) {
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < ENTITIES; i++) {
      String key = Integer.toString(i);
      long sum = 0;
      boolean known = true;
      for (Committed each : committed) {
        List<?> words = (List<?>) Edn.read(each.argument());
        if (each.kind().equals("call") && words.get(0).equals(key)) {
          sum += (Long) words.get(1);
          // A function adds to what is there when it is called, whatever its author saw.
          known &= each.isSure() || each.certainty() == Certainty.ON_FORGOTTEN;
        }
      }
      Long found = Reads.one(db, ":own/key", key, ":own/sum");
      if (known && found != null && found != sum) {
        wrong.add("the sum of " + key + " is " + found + ", and the calls add up to " + sum);
      }
    }
    wrong.addAll(wrongWords(db));
    return wrong;
  }

  /** What the records say that the custom policy made of two words. */
  private static List<String> wrongWords(Database db) {
    if (db.attribute(RebasisSchema.CONFLICT_POLICY) == null) {
      return List.of();
    }
    List<String> wrong = new ArrayList<>();
    Object records = db.q("[:find ?c ?local ?remote ?resolved :where [?c :rebasis.conflict/policy " + LONGEST + "]"
        + " [?c :rebasis.conflict/local ?local] [?c :rebasis.conflict/remote ?remote] [?c :rebasis.conflict/resolved ?resolved]]");
    for (Object row : (Collection<?>) records) {
      List<?> sides = (List<?>) row;
      List<?> local = (List<?>) Edn.read((String) sides.get(1));
      List<?> remote = (List<?>) Edn.read((String) sides.get(2));
      List<?> resolved = (List<?>) Edn.read((String) sides.get(3));
      if (!local.isEmpty() && !remote.isEmpty() && !resolved.isEmpty()
          && !resolved.equals(List.of(longer((String) local.get(0), (String) remote.get(0))))) {
        wrong.add("of " + local + " and " + remote + " the longer one is not " + resolved);
      }
    }
    return wrong;
  }
}
