/**
 * The client's side of a sync session as a state machine without I/O: events in, actions out.
 *
 * <p>Lives here: when to connect, what to send, what must be stored first, what the server's messages mean. May not
 * live here: clocks, threads, sockets, storage, or anything that blocks; and nothing here reads a database value.
 *
 * <h2>Contract</h2>
 * <ol>
 *   <li>What {@code transact} promises when it returns: the intent is in the log (on the disk, under
 *       {@code POWER_LOSS}) and in the optimistic view. It will reach the server, in order, whatever crashes or is cut
 *       off, and be decided there exactly once; it stays in the log at least until its outcome is there.</li>
 *   <li>{@link SyncMachine#madeLocally} is told only of intents that are stored. So nothing is sent that a crash could take
 *       back.</li>
 *   <li>The database's id and the client's number are stored before the first push. A server with another database
 *       id, or one that lacks what this store has confirmed, is refused before anything is sent or stored.</li>
 *   <li>What arrives is stored before it is applied, in the order in which it arrived. Decisions about own transactions
 *       and the ids that they made are forced to the disk with it; other confirmed transactions need no force, since
 *       they can be fetched again.</li>
 *   <li>An intent leaves the queue in the same write that stores the decision. Only after that and after it has been
 *       applied is an outcome told to anyone. So whoever saw an outcome will see it again after a crash.</li>
 *   <li>A commit is applied when its transaction comes in the stream, not when its outcome message comes: the write
 *       stays visible all the time. A refusal that wrote nothing is applied at once.</li>
 *   <li>Nothing is pushed before the session has caught up with the T of its welcome: what a person sees is merged first,
 *       own transactions that were committed are known by their ids and not sent again, and what was withdrawn from this
 *       client is known before anything that touches it is sent (decision 0022).</li>
 *   <li>Then everything that is not decided here is sent again in each session, in order; the server knows what it has decided
 *       by the transaction's id. An answer holds as soon as its T is here, and for its session only: the server may go back
 *       behind it. Several batches are on their way at once, while transactions stream in.</li>
 *   <li>Credit is granted for what has been applied, never for what has only arrived: what is on its way and in memory
 *       stays within {@code creditDatoms} (and one message).</li>
 *   <li>A batch of transactions that does not follow on what this client has is dropped, and the session with it; the
 *       next session asks from the right T.</li>
 *   <li>A server that says that this store is a copy of another gets it as a client of its own: with a new id, under a new
 *       number, what is pending pushed again under the same ids, one after the other. A database that forked is loaded
 *       anew, and own transactions past the fork are pushed again under the same ids ({@link SyncMachine#mended}).</li>
 *   <li>After {@link SyncMachine#storageFailed} or {@link SyncMachine#close} nothing is sent, stored or applied any more.</li>
 * </ol>
 */
package dev.rebasis.client.internal.sync;
