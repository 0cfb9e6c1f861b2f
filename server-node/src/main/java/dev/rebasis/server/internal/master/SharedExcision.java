package dev.rebasis.server.internal.master;

import datomic.Connection;
import datomic.Database;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.Fork;
import dev.rebasis.protocol.RebasisSchema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The excisions of a database behind a Datomic URI. Datomic itself carries them out, with an indexing after the request; what is to
 * be done here is to have every copy follow. Three steps, each a transaction of its own, which any node may take:
 *
 * <ol>
 *   <li>A request was made ({@code :db/excise}): the transactions that hold what is to go, and the entities that it is about, are
 *       marked {@code :rebasis/excised} while that can still be found out, and what Rebasis recorded about these facts is requested to
 *       be excised with them. That the request was noted is written with it ({@code :rebasis.excision/done false}). One that was
 *       carried out before any node could note it is marked itself: of all that was written up to there nobody knows what was
 *       excised, and clients forget all of their own.
 *   <li>Datomic indexes. Nothing tells of it: the history is looked at again and again. What is recorded meanwhile about what is to go
 *       is requested to be excised as well, until the facts are gone.
 *   <li>Nothing is left: the requests are noted as done, together with a fork that has every client load anew and every node begin
 *       anew.
 * </ol>
 *
 * <p>Confined to the writer.
 */
final class SharedExcision {
  private static final int MARKS_AT_ONCE = 1_000;
  private static final int DATOMS_AT_ONCE = 10_000;

  private final SharedDatabase database;
  private final Committer committer;
  private final Supplier<UUID> uuids;
  /** The requests of people of which what is about to go is marked. */
  private final Set<Long> marked = new HashSet<>();
  /** What the requests said at {@link #knownT}, and the words of all open ones. */
  private ExcisionRequests known;
  private long knownT = -1;
  private ExcisedWords words;
  /**
   * The T up to which records are waited for: that at which the facts themselves were first found to be gone. What is recorded later
   * repeats at most what its author knew, and if that were waited for as well, there might be no end to it.
   */
  private long goneT = Long.MAX_VALUE;

  SharedExcision(SharedDatabase database, Committer committer, Supplier<UUID> uuids) {
    this.database = database;
    this.committer = committer;
    this.uuids = uuids;
  }

  /** Whether a transaction asks for something to be excised. */
  static boolean isAskedIn(List<Datom> datoms, Schema schema) {
    Long excise = schema.entid(ExcisionRequests.EXCISE);
    return excise != null && datoms.stream().anyMatch(datom -> datom.added() && datom.a() == excise);
  }

  /** Whether a transaction says that something was excised. */
  static boolean isDoneIn(List<Datom> datoms, Schema schema) {
    Long done = schema.entid(RebasisSchema.EXCISION_DONE);
    return done != null && datoms.stream().anyMatch(datom -> datom.added() && datom.a() == done && Boolean.TRUE.equals(datom.v()));
  }

  /**
   * Goes as far as it can without waiting.
   *
   * @return how many requests were found to be carried out; 0 if there are none, or Datomic still holds some of it
   */
  long look() {
    ExcisionRequests requests = requests();
    if (requests.isEmpty()) {
      return 0;
    }
    // Of the newest index: a value that is at hand may be of one that still has what is gone.
    Database newest = database.connection().db();
    if (!marked.containsAll(requests.ofPeople())) {
      mark(requests, newest);
      marked.addAll(requests.ofPeople());
    }
    goneT = requests.isAnyFactLeft(newest) ? Long.MAX_VALUE : Math.min(goneT, database.t());
    Set<Long> asked = requests.askedRecords();
    Map<Long, Set<Keyword>> unasked = new LinkedHashMap<>();
    boolean[] waits = {goneT == Long.MAX_VALUE};
    requests.recordsLeft(newest, fact -> {
      waits[0] |= asked.contains(fact.e()) || fact.t() <= goneT;
      if (!asked.contains(fact.e()) && fact.t() <= goneT) {
        unasked.computeIfAbsent(fact.e(), none -> new HashSet<>()).add(database.schema().ident(fact.a()));
      }
    });
    ask(unasked);
    return waits[0] ? 0 : done(requests);
  }

  /** How many requests are not carried out, as far as {@link #look} has found out. */
  long open() {
    return requests().entities().size();
  }

  /** Asks Datomic to index now; done when it has, and has carried out what was asked for until now. */
  Future<?> index() {
    Connection connection = database.connection();
    connection.requestIndex();
    return connection.syncExcise(requests().newestT());
  }

  private ExcisionRequests requests() {
    if (knownT != database.t()) {
      if (words == null) {
        words = new ExcisedWords();
      }
      known = known == null ? new ExcisionRequests(database.now(), database.schema(), words)
          : known.later(database.now(), database.schema(), words, this::sinceKnown);
      knownT = database.t();
      if (known.isEmpty()) {
        words = null;
        goneT = Long.MAX_VALUE;
      }
    }
    return known;
  }

  private void sinceKnown(Keyword attribute, Consumer<Datom> each) {
    long wanted = database.schema().entid(attribute);
    long after = knownT;
    for (List<Transaction> next = next(after); !next.isEmpty(); next = next(after)) {
      for (Transaction transaction : next) {
        transaction.datoms().stream().filter(datom -> datom.added() && datom.a() == wanted).forEach(each);
        after = transaction.t();
      }
    }
  }

  private List<Transaction> next(long afterT) {
    return database.transactionsAfter(afterT, database.t(), DATOMS_AT_ONCE);
  }

  /** Notes what is about to go, as far as that is not noted yet. */
  private void mark(ExcisionRequests requests, Database newest) {
    Long excised = database.schema().entid(RebasisSchema.EXCISED);
    Set<Long> marks = new LinkedHashSet<>(requests.unseen(newest));
    Map<Long, Set<Keyword>> records = new LinkedHashMap<>();
    requests.factsLeft(newest, fact -> {
      marks.add(fact.e());
      marks.add(fact.tx());
    });
    requests.recordsLeft(newest, fact -> {
      marks.add(fact.e());
      marks.add(fact.tx());
      records.computeIfAbsent(fact.e(), none -> new HashSet<>()).add(database.schema().ident(fact.a()));
    });
    transact(marks.stream().filter(e -> !holds(e, excised))
        .<Object>map(e -> List.of(Names.DB_ADD, e, RebasisSchema.EXCISED, true)).toList());
    ask(records);
    // Last: a node that dies before leaves a request that counts as not noted.
    transact(requests.unnoted().stream().map(request -> isDone(request, false)).toList());
  }

  /** Asks for records to be excised, as far as that was not done yet, and marks what bears them. */
  private void ask(Map<Long, Set<Keyword>> records) {
    List<Object> forms = new ArrayList<>();
    records.forEach((entity, attributes) -> {
      if (!isAsked(entity)) {
        Map<Object, Object> request = new LinkedHashMap<>();
        request.put(Names.DB_ID, "excise-" + entity);
        request.put(ExcisionRequests.EXCISE, entity);
        request.put(ExcisionRequests.ATTRS, List.copyOf(attributes));
        request.put(RebasisSchema.EXCISION_DONE, false);
        forms.add(request);
        forms.add(List.of(Names.DB_ADD, entity, RebasisSchema.EXCISED, true));
      }
    });
    transact(forms);
  }

  private void transact(List<Object> forms) {
    for (int from = 0; from < forms.size(); from += MARKS_AT_ONCE) {
      committer.transact(forms.subList(from, Math.min(forms.size(), from + MARKS_AT_ONCE)));
    }
  }

  private static Object isDone(long request, boolean done) {
    return List.of(Names.DB_ADD, request, RebasisSchema.EXCISION_DONE, done);
  }

  private boolean holds(long e, long attribute) {
    return database.now().datoms(Database.EAVT, e, attribute).iterator().hasNext();
  }

  private boolean isAsked(long target) {
    for (datomic.Datom request : database.now().datoms(Database.VAET, target, ExcisionRequests.EXCISE.toString())) {
      if (!Boolean.TRUE.equals(database.now().entity(request.e()).get(RebasisSchema.EXCISION_DONE.toString()))) {
        return true;
      }
    }
    return false;
  }

  private long done(ExcisionRequests requests) {
    List<Object> forms = new ArrayList<>();
    for (long request : requests.entities()) {
      forms.add(isDone(request, true));
    }
    Map<Object, Object> about = new LinkedHashMap<>();
    about.put(Names.DB_ID, RebasisSchema.DATABASE);
    about.put(RebasisSchema.DB_FORKS, List.of(List.of(0L, Fork.EXCISION, uuids.get())));
    forms.add(about);
    committer.transact(forms);
    return requests.entities().size();
  }
}
