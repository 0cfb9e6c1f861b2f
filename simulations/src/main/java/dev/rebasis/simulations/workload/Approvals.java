package dev.rebasis.simulations.workload;

import dev.rebasis.client.Database;
import dev.rebasis.client.TransactionOptions;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.RebasisException;
import dev.rebasis.edn.Edn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * People approve on the strength of a stock that they saw (a premise), some of them for a while only, and move reserves in two transactions of which
 * both or none is committed (a group). An approval stands only where the stock still was what its author saw; the
 * reserves add up to what they were.
 */
final class Approvals implements Workload {
  private static final int ITEMS = 3;
  private static final long RESERVE = 50;
  private static final Duration SHORT = Duration.ofSeconds(3);
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final String STOCK = "[:find ?n . :in $ ?code :where [?i :item/code ?code] [?i :item/stock ?n]]";

  @Override
  public String name() {
    return "approvals";
  }

  @Override
  public String description() {
    return "approvals that rely on a stock (premises), and reserves moved by two transactions bound together";
  }

  @Override
  public Alterable alterable(Keyword attribute) {
    return Alterable.NAMES;
  }

  @Override
  public List<?> schema() {
    return SchemaShorthand.forms("[:item/code string identity] [:item/stock long] [:item/reserve long]"
        + " [:approval/item ref] [:approval/stock long] [:approval/note string]");
  }

  @Override
  public String beginning() {
    StringBuilder forms = new StringBuilder("[");
    for (int i = 0; i < ITEMS; i++) {
      forms.append("{:item/code \"").append(i).append("\" :item/stock 0 :item/reserve ").append(RESERVE).append('}');
    }
    return forms.append(']').toString();
  }

  @Override
  public List<String> kinds() {
    return List.of("count-stock", "approve", "annotate", "move-reserve");
  }

  @Override
  public Set<String> policies(String kind) {
    return switch (kind) {
      case "count-stock" -> Set.of("last-writer-wins");
      case "approve" -> Set.of("park");
      default -> Set.of();
    };
  }

  @Override
  public List<String> tempids(String kind) {
    return kind.equals("approve") ? List.of("a") : List.of();
  }

  @Override
  public boolean isTogether(String kind) {
    return kind.equals("move-reserve");
  }

  @Override
  public String argument(String kind, RandomGenerator random, Made made) {
    return Choice.draw(random, ITEMS, kind.equals("move-reserve") ? ITEMS : 3, made);
  }

  @Override
  public Object forms(String kind, String argument, Database db) {
    Choice chosen = Choice.of(argument);
    String item = "[:item/code \"" + chosen.which() + "\"]";
    Long stock = Reads.one(db, ":item/code", chosen.which(), ":item/stock");
    if (stock == null) {
      return null;
    }
    return switch (kind) {
      case "count-stock" -> "[[:db/add " + item + " :item/stock " + chosen.number() + "]]";
      case "approve" -> "[{:db/id \"a\" :approval/item " + item + " :approval/stock " + stock + "}]";
      case "annotate" -> chosen.made() == null ? null
          : "[[:db/add " + chosen.made() + " :approval/note \"n" + chosen.number() + "\"]]";
      case "move-reserve" -> move(db, chosen);
      default -> throw new IllegalArgumentException("approvals have no operation " + kind);
    };
  }

  /** Two transactions, each of which changes one item. */
  private static Object move(Database db, Choice chosen) {
    Long from = Reads.one(db, ":item/code", chosen.which(), ":item/reserve");
    Long to = Reads.one(db, ":item/code", chosen.number(), ":item/reserve");
    if (chosen.which().equals(chosen.number()) || from == null || to == null) {
      return null;
    }
    return List.of(Edn.read(set(chosen.which(), from, from - 1)), Edn.read(set(chosen.number(), to, to + 1)));
  }

  private static String set(String code, long from, long to) {
    return "[[:db/cas [:item/code \"" + code + "\"] :item/reserve " + from + " " + to + "]]";
  }

  @Override
  public TransactionOptions options(String kind, String argument) {
    return kind.equals("approve") ? TransactionOptions.DEFAULT.premise(STOCK, Choice.of(argument).which())
        : TransactionOptions.DEFAULT;
  }

  /** What an approval's number is for: some are worth nothing when they come late. */
  @Override
  public Duration patience(String kind, String argument) {
    if (!kind.equals("approve")) {
      return null;
    }
    return switch (Choice.of(argument).number()) {
      case "1" -> LONG;
      case "2" -> SHORT;
      default -> null;
    };
  }

  @Override
  public boolean judgesUncertain() {
    return true;
  }

  @Override
  public List<String> judge(List<Committed> committed, Database db) {
    Set<Object> doubtful = new HashSet<>();
    committed.stream().filter(each -> each.kind().equals("approve") && !each.isSure())
        .forEach(each -> doubtful.add(Choice.of(each.argument()).which()));
    List<String> wrong = new ArrayList<>();
    long reserves = Reads.facts(db, ":item/reserve").stream().mapToLong(datom -> (Long) datom.v()).sum();
    if (reserves != ITEMS * RESERVE) {
      wrong.add("the reserves are " + reserves + ", not " + ITEMS * RESERVE + ": one half of a pair was committed alone");
    }
    Map<Long, Long> items = new HashMap<>();
    Reads.facts(db, ":approval/item").forEach(datom -> items.put(datom.e(), (Long) datom.v()));
    for (Datom approval : Reads.facts(db, ":approval/stock")) {
      Long item = items.get(approval.e());
      if (item != null && doubtful.contains(code(db, item))) {
        continue;
      }
      List<Long> stocks = stocks(db, item, approval.t());
      if (stocks != null && !stocks.equals(List.of(approval.v()))) {
        wrong.add("the approval " + approval.e() + " at T " + approval.t() + " stands on a stock of " + approval.v()
            + ", and the stock was " + stocks + " then");
      }
    }
    return wrong;
  }

  /** The stock of an item, null for none, as of a T; null if this store no longer knows what was then. */
  private static List<Long> stocks(Database db, Long item, long t) {
    List<Long> stocks = new ArrayList<>();
    if (item == null) {
      return stocks;
    }
    try {
      db.asOf(t).datoms(IndexOrder.EAVT, item, Keyword.of(":item/stock")).forEach(datom -> stocks.add((Long) datom.v()));
      return stocks;
    } catch (RebasisException e) {
      if (e.code().name().equals("history-incomplete")) {
        return null;
      }
      throw e;
    }
  }

  private static Object code(Database db, long item) {
    for (Datom datom : db.datoms(IndexOrder.EAVT, item, Keyword.of(":item/code"))) {
      return datom.v();
    }
    return null;
  }
}
