package dev.rebasis.client;

import dev.rebasis.client.internal.log.StoreTrim;
import dev.rebasis.client.wiring.SystemEnvironment;
import dev.rebasis.conflict.Conflict;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Terms.PolicyRef;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A local, durable copy of a Datomic database that can be read and written while its server is away, and that agrees
 * with the server when it is there. Thread-safe: a program opens one per store and shares it.
 *
 * <p>After a storage failure (a full disk, an I/O error) the client can only be read: {@link #db}, {@link #confirmed},
 * {@link #query}, {@link #pending}, {@link #sameEntity} and {@link #status} go on with what was shown last, which is on the
 * disk; whoever listens to the state is told, the connection is closed, and every other call throws {@code
 * :rebasis.error/store-failed} with the cause. Nothing that {@link #transact} returned for is lost; free the disk and open the
 * store again. After {@link #close()} every call throws {@code :rebasis.error/client-closed}.
 */
public interface SyncClient extends AutoCloseable {
  /** Begins to describe a client. */
  static ClientBuilder builder() {
    return new ClientBuilder();
  }

  /**
   * Makes a transaction: decides it on {@link #db()}, makes it durable, and returns. It is in {@code db()} then, and
   * goes to the server as soon as there is a connection, in the order in which transactions were made.
   *
   * @param forms EDN text of a vector of forms, or the same as a {@code List} of {@code List}s and {@code Map}s
   * @return the pending transaction
   * @throws dev.rebasis.error.TransactionException if it cannot be applied; nothing is stored then
   * @throws dev.rebasis.error.RebasisException if it cannot be read, is too large, or cannot be stored
   */
  Pending transact(Object forms);

  /**
   * The same on certain terms: policies, premises, an instant after which it is too late.
   *
   * @throws dev.rebasis.error.TransactionException also if a policy is not known
   */
  Pending transact(Object forms, TransactionOptions options);

  /**
   * Makes several transactions of which the server commits all or none. They are consecutive, and each sees those before
   * it.
   *
   * @param transactions what {@link #transact(Object)} takes, one for each; at least one
   * @return the pending transactions, in order
   * @throws dev.rebasis.error.TransactionException if one of them cannot be applied; none is stored then
   */
  List<Pending> transactTogether(List<?> transactions, TransactionOptions options);

  /** The optimistic view: everything confirmed, with the pending transactions on top. */
  Database db();

  /**
   * Runs a Datalog query over the sources that it is given, as {@code Peer.query} of Datomic does: the inputs are all that
   * {@code :in} names, {@code $} included, which may be a database value or a plain collection of rows.
   *
   * @param query EDN text, or the same as a {@code List} or {@code Map}
   * @param <T> the shape that {@code :find} asks for
   */
  <T> T query(Object query, Object... inputs);

  /** What the server has confirmed, without the pending transactions. */
  Database confirmed();

  /**
   * Catches up: asks the server for everything that it has committed by now, and waits for the decisions about
   * everything that is pending now.
   *
   * @return completes with {@link #db()} once that is here. It waits while the server cannot be reached, however long;
   *     it fails if waiting cannot help: there is no server, the client is closed, or the server is not one that this
   *     store can sync with
   */
  CompletableFuture<Database> sync();

  /**
   * Catches up to a T.
   *
   * @param t a T, for example {@link Outcome#t()} of another client
   * @return completes with {@link #db()} once its basis T is at least {@code t}; fails like {@link #sync()}
   */
  CompletableFuture<Database> sync(long t);

  /**
   * Compares this client's current confirmed datoms with the server's, by digests, attribute by attribute; its own index
   * is read as a whole and compared too. The client does the same by itself, but for the reading, whenever it has caught
   * up and now and then. A difference is logged, and repaired: everything is loaded anew, and what is pending is kept.
   *
   * @return completes when the server has answered, which waits for a connection; fails like {@link #sync()}
   */
  CompletableFuture<Verification> verify();

  /**
   * The parts of the database that this client wants to hold.
   *
   * @return null if it holds all of the database
   */
  List<Scope> scopes();

  /**
   * Changes the parts of the database that this client holds: what is in none of them any more is forgotten, what comes in
   * is sent, and what stays is left alone. Durable; the store goes on with them when it is opened again. Works only for a
   * client that has scopes.
   *
   * @param scopes all that are wanted from now on, each with a name of its own
   * @return completes with {@link #db()} once they are held, which waits for a connection; fails with
   *     {@code :rebasis.error/scope} if the server cannot serve them, and then what was held stays
   */
  CompletableFuture<Database> scopes(List<Scope> scopes);

  /** The same with one more, in the place of that of the same name if there is one. */
  CompletableFuture<Database> addScope(Scope scope);

  /** The same without the one of this name. */
  CompletableFuture<Database> removeScope(String name);

  /** How the client is doing. Works after a failure too. */
  Status status();

  /**
   * A JDBC connection that reads the tables of the store's log and can change nothing; docs/store.md says what is in them.
   * The tables hold all that was written before this call: soon after a first load that takes seconds, some ten for a million
   * facts, and throws {@code :rebasis.error/disk-full} or {@code store-full} if there is no room. A transaction of more than 2,000
   * facts that comes later shows them some seconds after itself. Close it after use; closing the client closes it too.
   *
   * @throws RebasisException {@code :rebasis.error/store-damaged} if something that was loaded cannot be read; {@code store-failed}
   */
  Connection readOnlyConnection();

  /** The transactions that have no outcome yet, in order. */
  List<Pending> pending();

  /** The transactions that were merged, parked or rejected, oldest first, durably kept. */
  List<ConflictRecord> conflicts();

  /** Those of them that a filter lets through, in the same order; see {@link ConflictFilter#ALL}. */
  default Stream<ConflictRecord> conflicts(ConflictFilter filter) {
    Database confirmed = confirmed();
    return conflicts().stream().filter(record -> filter.fits(record, t -> RemoteWriters.instant(confirmed, t)));
  }

  /**
   * Who wrote the remote value of a conflict, and when, as far as this client holds the transaction that did.
   *
   * @return empty for a conflict without a remote transaction, or if the transaction is not held, because no scope holds it
   */
  default Optional<RemoteWriter> writer(Conflict conflict) {
    return RemoteWriters.of(conflict, confirmed());
  }

  /** The parked and rejected transactions that nobody has dealt with, oldest first. */
  List<ConflictRecord> parked();

  /**
   * Makes a parked or rejected transaction again as it was, on the present view, and after it what waited with it. Durable
   * when it returns, all in one. Its entities keep their local ids. The others of its group are made again with it, as a
   * new group.
   *
   * @param parkedId its id
   * @throws dev.rebasis.error.TransactionException if it cannot be applied now either; it stays parked then
   * @throws dev.rebasis.error.RebasisException {@code :rebasis.error/not-parked}
   */
  Retry retry(UUID parkedId);

  /**
   * The same with other forms.
   *
   * @param forms what {@link #transact(Object)} takes; string tempids of the parked transaction stand for the same
   *     entities
   */
  Retry retry(UUID parkedId, Object forms);

  /**
   * Makes a parked or rejected transaction again as {@link #retry(UUID, Object)} does, with other policies, premises and last
   * instant.
   *
   * @param parkedId its id
   * @param forms other forms, as for {@link #transact(Object)}; null for the same
   * @param options take the place of those that it was made with; not those of the others of its group, nor of what waits with it
   * @throws RebasisException as {@link #retry(UUID, Object)} does, and as {@link #transact(Object, TransactionOptions)} does
   */
  Retry retry(UUID parkedId, Object forms, TransactionOptions options);

  /**
   * Gives a parked or rejected transaction up, with its group; it stays in {@link #conflicts()}. Durable when it returns,
   * all in one.
   *
   * @param dependents what becomes of those that wait with it
   * @return what became of them
   * @throws dev.rebasis.error.RebasisException {@code :rebasis.error/not-parked}
   */
  Discarded discard(UUID parkedId, Dependents dependents);

  /**
   * Takes a transaction back. One that was never sent is removed, with its group if it has one, and its future fails with
   * {@code :rebasis.error/undone}. For a committed one its inverse is transacted, on the basis of its T: what others did
   * to the same facts since stays, whatever policy would let the later transaction win; a policy that merges (a counter) does.
   *
   * @return the inverse, empty if the transaction was simply removed
   * @throws dev.rebasis.error.RebasisException {@code :rebasis.error/already-sent} if its outcome is not known yet,
   *     {@code not-committed}, {@code cannot-undo} if it changed the schema, {@code history-missing} if not all that it did is
   *     known here any more (the history was trimmed or loaded, or it touched what is outside the scopes), {@code not-found}
   */
  Optional<Pending> undo(UUID id);

  /**
   * Binds pending transactions together that were never sent: from now on all of them are committed or none. They keep their ids,
   * what they stand on and their order, but get new places behind the other pending ones ({@link Pending#seq()}); what
   * was made after one of them and meets it moves behind them. Durable when it returns, all in one.
   *
   * @param ids of two or more of {@link #pending()}
   * @return those, in their order
   * @throws dev.rebasis.error.RebasisException {@code :rebasis.error/already-sent} if one, or one that would have to
   *     move, may have been sent already (after a restart that is all of before, if this store ever had a server),
   *     {@code in-group}, {@code not-pending} if one is decided, {@code not-found}, {@code cannot-bind} if one that is not named would
   *     have to come between them, {@code wrong-argument} for less than two
   */
  List<Pending> bind(Collection<UUID> ids);

  /** What would become of each pending transaction if the server decided now, in order. Changes nothing. */
  default List<Preview> preview() {
    return preview(Map.of());
  }

  /**
   * The same if certain policies applied, by attribute, before all others.
   *
   * @throws dev.rebasis.error.TransactionException {@code :rebasis.error/unknown-policy}
   */
  List<Preview> preview(Map<String, PolicyRef> policies);

  /**
   * A durable cursor over the outcomes of this client's transactions, oldest first, to run an effect for each.
   *
   * @param name the consumer's name; a new name begins with the first outcome ever
   */
  OutcomeCursor outcomes(String name);

  /**
   * Has a listener told of each transaction that was merged, parked or rejected, on the notification thread.
   *
   * @return ends it
   */
  Subscription onConflict(Consumer<ConflictRecord> listener);

  /**
   * The database as its user saw it when a transaction was made: what was confirmed up to the transaction's basis T, by the
   * schema of then, and this client's earlier transactions that were pending then, decided on that basis again.
   *
   * @param pending one of this client's, decided by now or not
   * @throws RebasisException {@code :rebasis.error/not-as-seen} if a transaction that was accepted then is refused now,
   *     since functions or policies are not those of then; {@code history-incomplete} if this store's history does not reach
   *     back so far, as after a first load since (what was seen before anything was confirmed is known always); {@code loading}
   *     while the store is loaded anew, or after the server was restored to an earlier T, until it passes that (docs/database.md)
   * @return a value to read and try on like every other; what was local or pending then has its local ids, for {@link Database#asOf}
   */
  Database asSeen(Pending pending);

  /**
   * The confirmed transactions of a span of time, by rising T, read from the log as they are asked for.
   *
   * @param start the first moment: a T, the id of a transaction, an {@link java.time.Instant} or
   *     {@link java.util.Date}; null for the first transaction
   * @param end the moment to stop before; null for no end
   * @return may be iterated more than once; shows what was confirmed when this was called
   * @throws dev.rebasis.error.RebasisException {@code :rebasis.error/history-incomplete} if the span begins before what
   *     this client holds
   */
  Iterable<Transaction> txRange(Object start, Object end);

  /** A queue of reports from now on. */
  TxReportQueue txReports();

  /**
   * Has a listener told of every step of the database, in order, on the notification thread.
   *
   * @return ends it
   */
  Subscription onTxReport(Consumer<TxReport> listener);

  /**
   * Has a listener told when {@link Status#state()} changes, in order, on the notification thread.
   *
   * @return ends it
   */
  Subscription onStateChange(Consumer<Status> listener);

  /**
   * Has a listener told of each outcome, on the notification thread.
   *
   * @return ends it
   */
  Subscription onOutcome(Consumer<Outcome> listener);

  /**
   * Asks a query of {@link #db()} now, and again whenever a transaction, made here or confirmed, can change its answer.
   * The listener gets the first result and then what came and went, on the notification thread: at most once for each
   * batch of transactions, and only if the result differs. While it works, what happens is taken together into its next
   * result, which says so.
   *
   * @param query EDN text, or the same as a {@code List} or {@code Map}; its first input is the database
   * @param inputs what {@code :in} names after {@code $}, in order
   * @return ends it
   * @throws QueryException if the query cannot be read
   */
  Subscription subscribe(Object query, List<?> inputs, QueryListener listener);

  /** Whether two ids, local or the server's, name the same entity as far as this client knows. */
  boolean sameEntity(long a, long b);

  /** Cuts the connection and makes none until {@link #goOnline()}. Without a server it does nothing. */
  void goOffline();

  /** Connects, at once if it was waiting to. Without a server it does nothing. */
  void goOnline();

  /**
   * Says which schema the program needs. Catches up with the server first; attributes that are missing are then installed by a
   * transaction like any other, which the server's write rules may refuse. Attributes that are there and otherwise, in
   * anything that the need says of them but {@code :db/doc}, are told and left as they are, and nothing is installed then; nor
   * is anything altered that another client installs at the same time. Without a server the store's own schema is meant.
   *
   * @param schema EDN text, or the same as data: a vector of maps as one installs them, each with {@code :db/ident}, {@code
   *     :db/valueType} and {@code :db/cardinality}
   * @return completes when the server has decided, with every difference that is left
   */
  CompletableFuture<SchemaCheck> needs(Object schema);

  /**
   * Shows other credentials to the server from now on, and connects with them. What is pending belongs to the user under
   * whom the store last met its server: if the server takes these credentials for another user while something is
   * pending, nothing is sent and {@link Status#lastError()} says {@code :rebasis.error/other-user}. If nothing is pending now, what
   * is made from now on is the new user's, also before the store has met its server again. When the server then names another user
   * than before, the facts that the former one saw are forgotten and not shown any more, and {@link #sync()} waits until what the new
   * one may see is loaded; until the server has been met, the store shows what it holds. What the former one wrote here stays in
   * {@link #conflicts}, {@link #parked}, {@link #outcomes} and the log, with the values that it met: only {@link #wipe} removes that.
   */
  void login(Credentials credentials);

  /**
   * Cuts the connection and shows no credentials any more. The store and what is pending stay, for the same user's next
   * {@link #login}.
   *
   * @throws dev.rebasis.error.RebasisException {@code :rebasis.error/still-pending} if something is pending and {@code
   *     leaves} says that nothing may be; nothing was changed then
   */
  void logout(LeftBehind leaves);

  /**
   * Closes the client and deletes its store from the disk.
   *
   * @throws dev.rebasis.error.RebasisException {@code :rebasis.error/still-pending} if something is pending or parked and
   *     {@code leaves} says that nothing may be; nothing was changed then
   */
  void wipe(LeftBehind leaves);

  /**
   * Writes a copy of the store into a folder, while this client goes on; whatever was acknowledged before the call is in
   * it. The server knows a restored copy for what it is, so that nothing is written twice or under another's ids.
   *
   * @param folder made if it is not there; must not hold a store
   */
  void backup(Path folder);

  /** Ends the client: connection, store, threads. What is pending stays. Soon after a load it takes as long as {@link #readOnlyConnection}. */
  @Override
  void close();

  /**
   * Trims the confirmed history of a store that no program has open: what is past at a T goes, and views of an earlier time
   * throw from then on. What is current, what is pending and all outcomes stay.
   *
   * @param store the folder
   * @param beforeT a T; at most the store's newest one counts
   * @return the T from which on the history is complete now
   */
  static long trimHistory(Path store, long beforeT) {
    return StoreTrim.trim(store, beforeT, SystemEnvironment.newIds());
  }

  /** Ends a listener's subscription. */
  interface Subscription extends AutoCloseable {
    /** After it returns, no new call of the listener begins. */
    @Override
    void close();
  }
}
