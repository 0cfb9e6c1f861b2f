package com.example.visits;

import dev.rebasis.client.Database;
import dev.rebasis.data.LookupRef;
import dev.rebasis.edn.Edn;
import dev.rebasis.simulations.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** What technicians do: use parts, plan and stretch visits, add time, take notes. Few visits, so that they meet often. */
class VisitsWorkload implements Workload {
  private static final int VISITS = 3;
  private static final int STOCK = 20;

  @Override
  public String name() {
    return "visits";
  }

  @Override
  public String description() {
    return "technicians who share parts and visits";
  }

  @Override
  public List<?> schema() {
    return (List<?>) Edn.read(Visits.schema());
  }

  @Override
  public String beginning() {
    StringBuilder forms = new StringBuilder("[{:part/number \"seal\" :part/stock " + STOCK + "}");
    for (int i = 0; i < VISITS; i++) {
      forms.append("{:visit/number ").append(i)
          .append(" :visit/minutes 0 :visit/from 100 :visit/to 200 :visit/note \"door code\"}");
    }
    return forms.append("]").toString();
  }

  @Override
  public List<String> kinds() {
    return List.of("use-part", "stretch", "add-minutes", "note");
  }

  /** {@code [visit number]}: chosen before anything is known of what the client will see. */
  @Override
  public String argument(String kind, RandomGenerator random, Made made) {
    return "[" + random.nextInt(VISITS) + " " + (1 + random.nextInt(6)) + "]";
  }

  @Override
  public Object forms(String kind, String argument, Database db) {
    List<?> numbers = (List<?>) Edn.read(argument);
    long number = (Long) numbers.get(1);
    String visit = "[:visit/number " + numbers.get(0) + "]";
    var seen = db.entity(LookupRef.of(":visit/number", numbers.get(0)));
    if (seen == null) {
      return null; // this client has not heard of anything yet
    }
    return switch (kind) {
      case "use-part" -> (Long) db.entity(LookupRef.of(":part/number", "seal")).get(":part/stock") < number
          ? null : "[[:visits/use [:part/number \"seal\"] " + number + "]]";
      case "stretch" -> "[[:db/add " + visit + " :visit/from " + ((Long) seen.get(":visit/from") - number) + "]"
          + " [:db/add " + visit + " :visit/to " + ((Long) seen.get(":visit/to") + number) + "]]";
      case "add-minutes" -> "[[:db/add " + visit + " :visit/minutes " + ((Long) seen.get(":visit/minutes") + number) + "]]";
      case "note" -> "[[:db/add " + visit + " :visit/note " + Edn.write(seen.get(":visit/note") + " " + number) + "]]";
      default -> throw new IllegalArgumentException(kind);
    };
  }

  /** What the books must say in the end: every minute and every part that was committed counts once. */
  @Override
  public List<String> judge(List<Committed> committed, Database db) {
    long[] minutes = new long[VISITS];
    long used = 0;
    for (Committed each : committed) {
      List<?> numbers = (List<?>) Edn.read(each.argument());
      if (each.kind().equals("add-minutes")) {
        minutes[((Long) numbers.get(0)).intValue()] += (Long) numbers.get(1);
      } else if (each.kind().equals("use-part")) {
        used += (Long) numbers.get(1);
      }
    }
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < VISITS; i++) {
      Object booked = db.entity(LookupRef.of(":visit/number", (long) i)).get(":visit/minutes");
      if (!booked.equals(minutes[i])) {
        wrong.add("visit " + i + " has " + booked + " minutes, and " + minutes[i] + " were worked");
      }
    }
    Object stock = db.entity(LookupRef.of(":part/number", "seal")).get(":part/stock");
    if (!stock.equals(STOCK - used)) {
      wrong.add("the stock is " + stock + ", and " + used + " of " + STOCK + " were used");
    }
    return wrong;
  }
}
