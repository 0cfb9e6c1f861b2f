package dev.rebasis.client.conform;

import clojure.lang.IExceptionInfo;
import datomic.Connection;
import datomic.Database;
import datomic.Log;
import datomic.Peer;
import dev.rebasis.client.internal.mirror.Mirror;
import dev.rebasis.client.internal.query.Oracle;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.SystemIds;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Datomic. */
final class Theirs extends Side {
  private static final Pattern CODE = Pattern.compile(":db\\.error/[a-z-]+");

  private static final TheirEntities ENTITIES = new TheirEntities();

  private final String uri;
  private final Connection connection;

  /** A database of its own. */
  Theirs() {
    uri = "datomic:mem://" + UUID.randomUUID();
    Peer.createDatabase(uri);
    connection = Peer.connect(uri);
  }

  /** Somebody else's database, closed by them. */
  Theirs(Connection connection) {
    this.uri = null;
    this.connection = connection;
  }

  Database db() {
    return connection.db();
  }

  @Override
  Outcome with(List<?> forms) {
    return with(db(), filledList(forms));
  }

  private Outcome with(Database db, List<?> filled) {
    try {
      return outcome(db.with(dated(filled, Math.max(0, accepted() - 1))));
    } catch (RuntimeException e) {
      return Outcome.refused(code(e), e);
    }
  }

  /** Transacts for good. */
  Outcome transact(List<?> forms) {
    try {
      Outcome outcome = outcome(connection.transact(dated(filledList(forms), accepted())).get());
      note(outcome.datoms().get(0).tx(), outcome.tempids(), outcome.datoms());
      return outcome;
    } catch (ExecutionException e) {
      return Outcome.refused(code(e.getCause()), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The forms in Datomic's types, with the transaction's instant as the last one. */
  private static List<?> dated(List<?> filled, long transaction) {
    List<Object> forms = new ArrayList<>();
    filled.forEach(form -> forms.add(Oracle.theirs(form)));
    forms.add(Arrays.asList(Oracle.theirs(Keyword.of(":db/add")), "datomic.tx",
        Oracle.theirs(Keyword.of(":db/txInstant")), Date.from(instant(transaction))));
    return forms;
  }

  private static Outcome outcome(Map<?, ?> report) {
    Set<Datom> datoms = new LinkedHashSet<>();
    for (Object datom : (Iterable<?>) report.get(Connection.TX_DATA)) {
      datoms.add(Mirror.ours((datomic.Datom) datom));
    }
    Map<String, Long> tempids = new HashMap<>();
    ((Map<?, ?>) report.get(Connection.TEMPIDS)).forEach((name, id) -> {
      if (name instanceof String) {
        tempids.put((String) name, (Long) id);
      }
    });
    return new Outcome(null, null, new ArrayList<>(datoms), tempids);
  }

  /** What was thrown first: its class and message. */
  static String text(Throwable error) {
    Throwable first = error;
    while (first.getCause() != null) {
      first = first.getCause();
    }
    return first.toString();
  }

  /** Datomic's code; errors inside a rule have it in their text only, and some have none. */
  static Keyword code(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      Object code = cause instanceof IExceptionInfo info
          ? info.getData().valAt(clojure.lang.Keyword.intern("db", "error")) : null;
      if (code != null) {
        return Keyword.of(code.toString());
      }
      Matcher matcher = CODE.matcher(String.valueOf(cause.getMessage()));
      if (matcher.find()) {
        return Keyword.of(matcher.group());
      }
    }
    return null;
  }

  /** Whether a name stands for no entity of one of the views that a question is about. */
  boolean isAbsent(List<?> question, Object name) {
    List<Outcome> before = List.copyOf(tried());
    try {
      return question.stream().filter(Questions::isView).anyMatch(form -> view(form).entid(Oracle.theirs(name)) == null);
    } catch (IllegalArgumentException e) {
      return false; // it is no name at all
    } finally {
      tried().clear();
      tried().addAll(before);
    }
  }

  @Override
  long timeOf(long tx) {
    return EntityIds.tOf(tx);
  }

  @Override
  Object answer(List<?> question) {
    tried().clear();
    String what = ((Keyword) question.get(0)).name();
    if (what.equals("q")) {
      Object[] inputs = question.subList(2, question.size()).stream()
          .map(input -> Questions.isView(input) ? view(input) : Oracle.theirs(filled(input))).toArray();
      return Oracle.ours(Peer.query(Oracle.theirs(filled(question.get(1))), inputs));
    }
    if (what.equals("txRange")) {
      List<Object> transactions = new ArrayList<>();
      for (Map<?, ?> entry : connection.log().txRange(moment(question.get(1)), moment(question.get(2)))) {
        Set<Datom> datoms = new LinkedHashSet<>();
        ((Iterable<?>) entry.get(Log.DATA)).forEach(datom -> datoms.add(Mirror.ours((datomic.Datom) datom)));
        transactions.add(List.of(entry.get(Log.T), datoms));
      }
      return transactions;
    }
    Database db = view(question.get(1));
    List<Object> arguments = new ArrayList<>();
    question.subList(2, question.size()).forEach(argument -> arguments.add(Oracle.theirs(filled(argument))));
    return switch (what) {
      case "pull" -> Oracle.ours(db.pull(arguments.get(0), arguments.get(1)));
      case "pullMany" -> Oracle.ours(db.pullMany(arguments.get(0), (List<?>) arguments.get(1)));
      case "entid" -> db.entid(arguments.get(0));
      case "ident" -> Oracle.ours(db.ident(arguments.get(0)));
      case "entity" -> ENTITIES.walked(db.entity(arguments.get(0)), arguments.subList(1, arguments.size()));
      case "touch" -> ENTITIES.touched(db.entity(arguments.get(0)).touch());
      case "datoms" -> ours(db.datoms(index(arguments), rest(arguments, 1)), stillIn(db, arguments));
      case "seek" -> ours(db.seekDatoms(index(arguments), rest(arguments, 1)), stillIn(db, arguments));
      case "rseek" -> ours(db.rseekDatoms(index(arguments), rest(arguments, 1)),
          stillIn(db, arguments).and(Questions::isShownBackwards));
      case "valuesSeek" -> values(db, arguments, db.seekDatoms(index(arguments), rest(arguments, 1)));
      case "valuesRseek" -> values(db, arguments, db.rseekDatoms(index(arguments), rest(arguments, 1)));
      case "lastOf" -> {
        datomic.Datom last = db.rseekDatoms(index(arguments), rest(arguments, 1)).iterator().next();
        yield Oracle.ours(List.of(db.ident(last.a()), last.v()));
      }
      case "range" -> ours(db.indexRange(arguments.get(0), arguments.get(1), arguments.get(2)), datom -> true);
      case "indexPull", "valuesPull" -> db.indexPull(arguments.get(0)).limit(Questions.WALK_MAX).map(Oracle::ours).toList();
      default -> throw new CaseException("No such question: " + what);
    };
  }

  private Object moment(Object form) {
    return form == null ? null : Oracle.theirs(filled(form));
  }

  private static List<Object> values(Database db, List<Object> arguments, Iterable<datomic.Datom> walk) {
    boolean byEntity = index(arguments) == Database.EAVT;
    Object a = db.entid(arguments.get(byEntity ? 2 : 1));
    Object e = byEntity ? db.entid(arguments.get(1)) : null;
    List<Object> values = new ArrayList<>();
    for (datomic.Datom datom : walk) {
      boolean same = ((Number) datom.a()).longValue() == ((Number) a).longValue() && (e == null || datom.e().equals(e));
      if (!same || values.size() == Questions.WALK_MAX) {
        break;
      }
      values.add(Oracle.ours(datom.v()));
    }
    return values;
  }

  private static Object[] rest(List<Object> arguments, int from) {
    return arguments.subList(from, arguments.size()).toArray();
  }

  private static Object index(List<Object> arguments) {
    return switch (arguments.get(0).toString()) {
      case ":eavt" -> Database.EAVT;
      case ":aevt" -> Database.AEVT;
      case ":avet" -> Database.AVET;
      default -> Database.VAET;
    };
  }

  /** Datomic leaves values in AVET when an index is dropped, until it indexes anew, see docs/differences.md. */
  private static Predicate<Datom> stillIn(Database db, List<Object> arguments) {
    return index(arguments) != Database.AVET ? datom -> true : datom -> db.attribute(datom.a()).hasAVET();
  }

  private static List<Datom> ours(Iterable<datomic.Datom> datoms, Predicate<Datom> shown) {
    List<Datom> result = new ArrayList<>();
    for (datomic.Datom theirs : datoms) {
      if (((Number) theirs.a()).longValue() != SystemIds.DB_FN) {
        Datom datom = Mirror.ours(theirs);
        if (Questions.isShown(datom) && shown.test(datom)) {
          result.add(datom);
        }
      }
      if (result.size() == Questions.WALK_MAX) {
        break;
      }
    }
    return result;
  }

  private static final class TheirEntities extends EntityWalk<datomic.Entity> {
    TheirEntities() {
      super(datomic.Entity.class);
    }

    @Override
    Object id(datomic.Entity entity) {
      return entity.get(":db/id");
    }

    @Override
    Object get(datomic.Entity entity, Object key) {
      return entity.get(key);
    }

    @Override
    Iterable<?> keys(datomic.Entity entity) {
      return entity.keySet().stream().map(key -> datomic.Util.read(key.toString())).toList();
    }

    @Override
    boolean isComponent(datomic.Entity entity, Object key) {
      Object attribute = entity.db().attribute(key);
      return attribute != null && ((datomic.Attribute) attribute).isComponent();
    }

    @Override
    Object ours(Object value) {
      return Oracle.ours(value);
    }
  }

  private Database view(Object form) {
    return view(db(), form, new TheirSteps());
  }

  private final class TheirSteps implements Steps<Database> {
    @Override
    public Database seen(Database db, int transaction) {
      return db.asOf(transaction(transaction - 1));
    }

    @Override
    public Database asOf(Database db, Object moment) {
      return db.asOf(moment instanceof Instant instant ? Date.from(instant) : moment);
    }

    @Override
    public Database since(Database db, Object moment) {
      return db.since(moment instanceof Instant instant ? Date.from(instant) : moment);
    }

    @Override
    public Database history(Database db) {
      return db.history();
    }

    @Override
    public Database without(Database db, Keyword attribute) {
      Object id = db.entid(Oracle.theirs(attribute));
      return db.filter((database, datom) -> ((Number) datom.a()).longValue() != ((Number) id).longValue());
    }

    @Override
    public Database with(Database db, List<?> forms, List<Outcome> tried) {
      Map<?, ?> report = db.with(dated(forms, Math.max(0, accepted() - 1)));
      tried.add(outcome(report));
      return (Database) report.get(Connection.DB_AFTER);
    }
  }

  @Override
  public void close() {
    if (uri != null) {
      connection.release();
      Peer.deleteDatabase(uri);
    }
  }
}
