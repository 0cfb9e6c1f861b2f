package dev.rebasis.simulations.workload;

import dev.rebasis.client.Database;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import java.util.List;
import java.util.random.RandomGenerator;

/** Money moves between accounts by compare-and-set; the total stays what it was, on every replica, at every moment. */
final class Bank implements Workload {
  private static final int ACCOUNTS = 6;
  private static final long EACH = 100;

  @Override
  public String name() {
    return "bank";
  }

  @Override
  public String description() {
    return "transfers between accounts by compare-and-set; the total is conserved at every moment";
  }

  @Override
  public Alterable alterable(Keyword attribute) {
    return Alterable.NAMES;
  }

  @Override
  public List<?> schema() {
    return SchemaShorthand.forms("[:account/number long identity] [:account/balance long]");
  }

  @Override
  public String beginning() {
    StringBuilder forms = new StringBuilder("[");
    for (int i = 0; i < ACCOUNTS; i++) {
      forms.append("{:account/number ").append(i).append(" :account/balance ").append(EACH).append('}');
    }
    return forms.append(']').toString();
  }

  @Override
  public List<String> kinds() {
    return List.of("transfer");
  }

  @Override
  public String argument(String kind, RandomGenerator random, Made made) {
    int from = random.nextInt(ACCOUNTS);
    int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
    return "[" + from + " " + to + " " + (1 + random.nextInt(50)) + "]";
  }

  @Override
  public Object forms(String kind, String argument, Database db) {
    List<?> transfer = (List<?>) Edn.read(argument);
    Long from = balance(db, transfer.get(0));
    Long to = balance(db, transfer.get(1));
    long amount = (Long) transfer.get(2);
    if (from == null || to == null) {
      return null;
    }
    return "[[:db/cas [:account/number " + transfer.get(0) + "] :account/balance " + from + " " + (from - amount) + "]"
        + "[:db/cas [:account/number " + transfer.get(1) + "] :account/balance " + to + " " + (to + amount) + "]]";
  }

  private static Long balance(Database db, Object account) {
    return Reads.one(db, ":account/number", account, ":account/balance");
  }

  @Override
  public List<String> wrong(Database db) {
    List<Datom> balances = Reads.facts(db, ":account/balance");
    long total = balances.stream().mapToLong(datom -> (Long) datom.v()).sum();
    // Whoever has not heard of the bank yet sees no account, never some of them.
    return balances.isEmpty() || total == ACCOUNTS * EACH ? List.of()
        : List.of("the total is " + total + ", not " + ACCOUNTS * EACH + ", in " + balances.size() + " accounts");
  }
}
