package dev.rebasis.server.internal.master;

import datomic.Database;
import datomic.Datom;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import dev.rebasis.protocol.RebasisSchema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The requests to excise ({@code :db/excise}) that a database holds and that were not carried out. Immutable.
 *
 * <p>As Datomic describes it: the target is an entity, all facts about it or those of {@code :db.excise/attrs}; or an attribute, all its
 * facts; in either case only those before {@code :db.excise/beforeT} or {@code :db.excise/before}. Protected are the schema, the
 * requests themselves, the times of transactions, and what Rebasis records, but for the values in records of conflicts about what
 * is excised, and the forms and messages of what was parked or rejected that repeat it: see {@link ExcisedRecords}.
 */
final class ExcisionRequests {
  static final Keyword EXCISE = Keyword.of(":db/excise");
  static final Keyword ATTRS = Keyword.of(":db.excise/attrs");
  static final Keyword BEFORE_T = Keyword.of(":db.excise/beforeT");
  static final Keyword BEFORE = Keyword.of(":db.excise/before");

  /**
   * One request.
   *
   * @param entity the request's own entity
   * @param t where it was made
   * @param noted whether a node has noted what it is about
   * @param target an entity, or an attribute
   * @param attributes empty for all
   * @param beforeT the T at which what is told ends; never after the request's own
   * @param before the same as a time, null for none
   */
  private record Request(long entity, long t, boolean noted, long target, Set<Long> attributes, long beforeT, Instant before) {
    /** Whether it is about this place, at whatever time; an attribute of 0 stands for the whole entity. */
    boolean isAbout(long e, long a) {
      return target == a || target == e && (a == 0 || attributes.isEmpty() || attributes.contains(a));
    }
  }

  private final List<Request> requests = new ArrayList<>();
  private final Schema schema;
  private final ExcisedRecords records;

  ExcisionRequests(Database database, Schema schema) {
    this(database, schema, new ExcisedWords());
  }

  /** @param words what is known of earlier looks, when there was more to be read; grows by what is asked for since */
  ExcisionRequests(Database database, Schema schema, ExcisedWords words) {
    this.schema = schema;
    addAll(database);
    // As nearly always nothing is asked for: the records are many, and not looked through then.
    if (!requests.isEmpty()) {
      read(database.history(), words);
    }
    records = requests.isEmpty() ? null
        : ExcisedRecords.all(database, schema, this::isAboutAny, words, askedRecords());
  }

  private ExcisionRequests(Database database, Schema schema, ExcisedWords words, ExcisionRequests former, ExcisedRecords.Facts since) {
    this.schema = schema;
    addAll(database);
    boolean isAsBefore = former.records != null && ofPeople().equals(former.ofPeople());
    if (!requests.isEmpty() && !isAsBefore) {
      read(database.history(), words);
    }
    records = requests.isEmpty() ? null
        : isAsBefore ? former.records.later(database, schema, this::isAboutAny, words, askedRecords(), since)
        : ExcisedRecords.all(database, schema, this::isAboutAny, words, askedRecords());
  }

  /**
   * The requests on a later value. While people ask for the same, only the records that came since are looked through.
   *
   * @param words those that these requests were read into
   * @param since the facts of the transactions between
   */
  ExcisionRequests later(Database database, Schema newest, ExcisedWords words, ExcisedRecords.Facts since) {
    return new ExcisionRequests(database, newest, words, this, since);
  }

  private void addAll(Database database) {
    for (Datom datom : database.datoms(Database.AEVT, EXCISE.toString())) {
      datomic.Entity request = database.entity(datom.e());
      if (Boolean.TRUE.equals(request.get(RebasisSchema.EXCISION_DONE.toString()))) {
        continue;
      }
      Set<Long> attributes = new HashSet<>();
      for (Datom attribute : database.datoms(Database.EAVT, datom.e(), ATTRS.toString())) {
        attributes.add((Long) attribute.v());
      }
      long beforeT = EntityIds.tOf((Long) datom.tx());
      if (request.get(BEFORE_T.toString()) instanceof Long given) {
        beforeT = Math.min(beforeT, EntityIds.isTx(given) ? EntityIds.tOf(given) : given);
      }
      Object before = request.get(BEFORE.toString());
      requests.add(new Request((Long) datom.e(), EntityIds.tOf((Long) datom.tx()), request.get(RebasisSchema.EXCISION_DONE.toString()) != null,
          (Long) datom.v(), attributes, beforeT, before instanceof Date date ? date.toInstant() : null));
    }
  }

  private boolean isAboutAny(long e, long a) {
    return requests.stream().anyMatch(request -> request.isAbout(e, a));
  }

  /** Whatever their time, since who repeats a value need not say which of several equal ones was meant. */
  private void read(Database history, ExcisedWords words) {
    for (Request request : requests) {
      if (isForRecord(request) || !words.isNew(request.entity())) {
        continue;
      }
      Attribute attribute = schema.attribute(request.target());
      if (attribute == null) {
        words.addEntity(history, schema, request.target(), request.attributes());
      } else if (!isProtected(attribute)) {
        words.addAttribute(history, schema, attribute.id());
      }
    }
  }

  /** Whether a request is about a record, as a node asks for it beside those of people: what it quotes is known by these. */
  private boolean isForRecord(Request request) {
    return !request.attributes().isEmpty()
        && request.attributes().stream().allMatch(a -> ExcisedRecords.isRecord(schema.ident(a)));
  }

  /** The entities of the records that are asked for themselves. */
  Set<Long> askedRecords() {
    return requests.stream().filter(this::isForRecord).map(Request::target).collect(Collectors.toSet());
  }

  boolean isEmpty() {
    return requests.isEmpty();
  }

  /** The entities of the requests. */
  List<Long> entities() {
    return requests.stream().map(Request::entity).toList();
  }

  /** Those of them that no node made. */
  List<Long> ofPeople() {
    return requests.stream().filter(request -> !isForRecord(request)).map(Request::entity).toList();
  }

  /** Where the newest of them was made; 0 if there are none. */
  long newestT() {
    return requests.stream().mapToLong(Request::t).max().orElse(0);
  }

  /** Whether anything is there that people asked for, records not counted. */
  boolean isAnyFactLeft(Database database) {
    return requests.stream().anyMatch(request -> isAnythingLeft(database, request));
  }

  /** The records that are there and are to go, one fact after the other. */
  void recordsLeft(Database database, Consumer<dev.rebasis.data.Datom> each) {
    for (long e : records.entities()) {
      for (Datom datom : database.history().datoms(Database.EAVT, e)) {
        dev.rebasis.data.Datom fact = DatomicFactView.translate(datom);
        if (records.tell(fact)) {
          each.accept(fact);
        }
      }
    }
  }

  /** What is there and is to go, records not counted; a fact may come twice. */
  void factsLeft(Database database, Consumer<dev.rebasis.data.Datom> each) {
    for (Request request : requests) {
      for (Iterable<Datom> place : places(database.history(), request)) {
        for (Datom datom : place) {
          dev.rebasis.data.Datom fact = DatomicFactView.translate(datom);
          if (isLeft(database, request, fact)) {
            each.accept(fact);
          }
        }
      }
    }
  }

  private List<Iterable<Datom>> places(Database history, Request request) {
    Iterable<Datom> ofEntity = history.datoms(Database.EAVT, request.target());
    return schema.attribute(request.target()) == null ? List.of(ofEntity)
        : List.of(ofEntity, history.datoms(Database.AEVT, request.target()));
  }

  /** The entities of the requests that no node has noted yet. */
  List<Long> unnoted() {
    return requests.stream().filter(request -> !request.noted()).map(Request::entity).toList();
  }

  /**
   * The entities of those requests that no node has noted and of which nothing is left: they were carried out unseen, or there
   * never was anything, which nobody can tell any more.
   */
  Set<Long> unseen(Database database) {
    Set<Long> unseen = new LinkedHashSet<>();
    for (Request request : requests) {
      Attribute attribute = schema.attribute(request.target());
      boolean isOfOurs = isForRecord(request) || attribute != null && isProtected(attribute);
      if (!request.noted() && !isOfOurs && !isAnythingLeft(database, request)) {
        unseen.add(request.entity());
      }
    }
    return unseen;
  }

  private boolean isAnythingLeft(Database database, Request request) {
    for (Iterable<Datom> place : places(database.history(), request)) {
      for (Datom datom : place) {
        if (isLeft(database, request, DatomicFactView.translate(datom))) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean isLeft(Database database, Request request, dev.rebasis.data.Datom fact) {
    return !isProtected(fact) && isAskedFor(request, fact, fact.t(), MasterDatabase.instantOf(database, fact.t()));
  }

  /**
   * Whether a fact is to go.
   *
   * @param t where it was asserted or retracted
   * @param instant the time of that transaction
   */
  boolean excises(dev.rebasis.data.Datom datom, long t, Instant instant) {
    if (records.tell(datom)) {
      return true;
    }
    if (isProtected(datom)) {
      return false;
    }
    for (Request request : requests) {
      if (isAskedFor(request, datom, t, instant)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isAskedFor(Request request, dev.rebasis.data.Datom datom, long t, Instant instant) {
    return request.isAbout(datom.e(), datom.a()) && request.target() != SystemIds.DB_IDENT && t < request.beforeT()
        && (request.before() == null || instant.isBefore(request.before()));
  }

  private boolean isProtected(dev.rebasis.data.Datom datom) {
    return datom.e() < 1L << 42 || datom.a() == SystemIds.DB_TX_INSTANT || isProtected(schema.ident(datom.a()))
        || datom.a() == SystemIds.DB_IDENT && isProtected((Keyword) datom.v());
  }

  /** Whether no value of an attribute goes because the attribute is asked for; a name goes only with its entity. */
  private static boolean isProtected(Attribute attribute) {
    return attribute.id() == SystemIds.DB_IDENT || isProtected(attribute.ident());
  }

  private static boolean isProtected(Keyword ident) {
    String namespace = ident == null || ident.namespace() == null ? "" : ident.namespace();
    return namespace.equals("rebasis") || namespace.startsWith("rebasis.") || EXCISE.equals(ident)
        || namespace.equals("db.excise");
  }
}
