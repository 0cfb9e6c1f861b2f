package dev.rebasis.client.conform;

import dev.rebasis.client.Database;
import dev.rebasis.client.Entity;
import dev.rebasis.client.Speculation;
import dev.rebasis.client.internal.query.QueryEngine;
import dev.rebasis.client.internal.query.QueryReads;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Predicate;

/** The client's side, whatever its database is made of. */
abstract class Ours extends Side {
  private static final QueryEngine ENGINE = new QueryEngine(OwnFunctions.extensions(), new Random(0)::nextLong);

  private static final OurEntities ENTITIES = new OurEntities();

  /** What the client's queries run on. */
  static QueryEngine engine() {
    return ENGINE;
  }

  /** The database of now. */
  abstract Database db();

  /** Takes over a transaction that both sides have accepted, and gives its outcome with the ids that stay. */
  abstract Outcome commit(List<?> forms, Outcome tried, Outcome theirs);

  /** Whether entities have Datomic's ids, so that orders can be compared. */
  abstract boolean hasTheirIds();

  /** Whether entities get ids of its own, which the outcome of a commit tells; else they are as Datomic gave them. */
  abstract boolean givesIds();

  @Override
  Outcome with(List<?> forms) {
    try {
      return outcome(db().with(filledList(forms)));
    } catch (RebasisException e) {
      return Outcome.refused(e.code(), e);
    }
  }

  private static Outcome outcome(Speculation tried) {
    return new Outcome(null, null, tried.datoms(), tried.tempids());
  }

  @Override
  Object answer(List<?> question) {
    tried().clear();
    String what = ((Keyword) question.get(0)).name();
    if (what.equals("q")) {
      Object[] inputs = question.subList(2, question.size()).stream()
          .map(input -> Questions.isView(input) ? view(input) : filled(input)).toArray();
      Object query = filled(question.get(1));
      return inputs.length > 0 && inputs[0] instanceof Database db
          ? db.query(query, Arrays.asList(inputs).subList(1, inputs.length).toArray())
          : ENGINE.query(query, Arrays.asList(inputs));
    }
    if (what.equals("txRange")) {
      List<Object> transactions = new ArrayList<>();
      txRange(filled(question.get(1)), filled(question.get(2))).forEach(
          transaction -> transactions.add(List.of(transaction.t(), new LinkedHashSet<>(transaction.datoms()))));
      return transactions;
    }
    Database db = view(question.get(1));
    List<Object> arguments = new ArrayList<>();
    question.subList(2, question.size()).forEach(argument -> arguments.add(filled(argument)));
    return switch (what) {
      case "pull" -> db.pull(arguments.get(0), arguments.get(1));
      case "pullMany" -> db.pullMany(arguments.get(0), (List<?>) arguments.get(1));
      case "entid" -> db.entid(arguments.get(0));
      case "ident" -> db.ident(arguments.get(0));
      case "entity" -> ENTITIES.walked(db.entity(arguments.get(0)), arguments.subList(1, arguments.size()));
      case "touch" -> ENTITIES.touched(db.entity(arguments.get(0)).touch());
      case "datoms" -> listed(db.datoms(order(arguments), rest(arguments)), datom -> true);
      case "seek" -> listed(db.seekDatoms(order(arguments), rest(arguments)), datom -> true);
      case "rseek" -> listed(db.rseekDatoms(order(arguments), rest(arguments)), Questions::isShownBackwards);
      case "valuesSeek" -> values(db, arguments, db.seekDatoms(order(arguments), rest(arguments)));
      case "valuesRseek" -> values(db, arguments, db.rseekDatoms(order(arguments), rest(arguments)));
      case "lastOf" -> {
        Datom last = db.rseekDatoms(order(arguments), rest(arguments)).iterator().next();
        yield List.of(db.ident(last.a()), last.v());
      }
      case "range" -> listed(db.indexRange(arguments.get(0), arguments.get(1), arguments.get(2)), datom -> true);
      case "indexPull", "valuesPull" -> db.indexPull(arguments.get(0)).limit(Questions.WALK_MAX).toList();
      default -> throw new CaseException("No such question: " + what);
    };
  }

  /** What the query of a question reads of the database of now. */
  QueryReads reads(List<?> question) {
    List<Object> inputs = new ArrayList<>();
    question.subList(2, question.size()).forEach(input -> inputs.add(Questions.isView(input) ? view(input) : filled(input)));
    return ENGINE.reads(filled(question.get(1)), inputs);
  }

  /** The values of what a walk meets as long as it stays with the attribute, and the entity, that it began with. */
  private static List<Object> values(Database db, List<Object> arguments, Iterable<Datom> walk) {
    boolean byEntity = order(arguments) == IndexOrder.EAVT;
    long a = db.entid(arguments.get(byEntity ? 2 : 1));
    Long e = byEntity ? db.entid(arguments.get(1)) : null;
    List<Object> values = new ArrayList<>();
    for (Datom datom : walk) {
      if (datom.a() != a || e != null && datom.e() != e || values.size() == Questions.WALK_MAX) {
        break;
      }
      values.add(datom.v());
    }
    return values;
  }

  private static Object[] rest(List<Object> arguments) {
    return arguments.subList(1, arguments.size()).toArray();
  }

  private static IndexOrder order(List<Object> arguments) {
    return IndexOrder.valueOf(((Keyword) arguments.get(0)).name().toUpperCase(Locale.ROOT));
  }

  private static List<Datom> listed(Iterable<Datom> datoms, Predicate<Datom> shown) {
    List<Datom> result = new ArrayList<>();
    for (Datom datom : datoms) {
      if (Questions.isShown(datom) && shown.test(datom)) {
        result.add(datom);
      }
      if (result.size() == Questions.WALK_MAX) {
        break;
      }
    }
    return result;
  }

  private static final class OurEntities extends EntityWalk<Entity> {
    OurEntities() {
      super(Entity.class);
    }

    @Override
    Object id(Entity entity) {
      return entity.id();
    }

    @Override
    Object get(Entity entity, Object key) {
      return entity.get(key);
    }

    @Override
    Iterable<?> keys(Entity entity) {
      return entity.keySet();
    }

    @Override
    boolean isComponent(Entity entity, Object key) {
      Attribute attribute = entity.database().attribute(key);
      return attribute != null && attribute.component();
    }

    @Override
    Object ours(Object value) {
      return value;
    }
  }

  private Database view(Object form) {
    return view(db(), form, new OurSteps());
  }

  /** What was seen when a transaction was made. */
  abstract Database seen(int transaction);

  /** The confirmed transactions of a span of time. */
  abstract Iterable<Transaction> txRange(Object start, Object end);

  private final class OurSteps implements Steps<Database> {
    @Override
    public Database seen(Database db, int transaction) {
      return Ours.this.seen(transaction);
    }

    @Override
    public Database asOf(Database db, Object moment) {
      return db.asOf(moment);
    }

    @Override
    public Database since(Database db, Object moment) {
      return db.since(moment);
    }

    @Override
    public Database history(Database db) {
      return db.history();
    }

    @Override
    public Database without(Database db, Keyword attribute) {
      long id = db.entid(attribute);
      return db.filter((database, datom) -> datom.a() != id);
    }

    @Override
    public Database with(Database db, List<?> forms, List<Outcome> tried) {
      Speculation speculation = db.with(forms);
      tried.add(outcome(speculation));
      return speculation.after();
    }
  }
}
