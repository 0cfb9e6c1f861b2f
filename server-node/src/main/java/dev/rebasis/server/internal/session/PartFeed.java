package dev.rebasis.server.internal.session;

import dev.rebasis.data.Transaction;
import dev.rebasis.digest.Digest;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ScopeSpec;
import dev.rebasis.server.internal.scope.PartRule;
import dev.rebasis.server.internal.scope.Reader;
import dev.rebasis.server.internal.scope.ScopeState;
import dev.rebasis.server.internal.scope.ScopeStep;
import dev.rebasis.server.internal.scope.TransactionRecord;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A part of the database for one session. It is in one of four states, and goes from each to the next:
 *
 * <ol>
 *   <li><em>Filling</em>, for a client that holds nothing: the log up to the T of the beginning, of it what bears on the
 *       entities that are in the part at that T, their history included.
 *   <li><em>Switching</em>, if the client holds another part than it wants: see {@link PartSwitch}.
 *   <li><em>Following</em>, behind: a state of its own goes through the transactions that the client has missed.
 *   <li><em>Riding</em>, with the group of all sessions that see the same.
 * </ol>
 *
 * A request for other scopes leads from riding to switching. Ts of which the client sees nothing are not sent;
 * {@link #level} tells them.
 *
 * <p>Resuming needs no memory of how far a filling was: every entity that was in the part at its end either is in it at
 * the T that the client stands at or comes in at a later one, and what comes in takes the place of what was there.
 *
 * <p>Confined to the core.
 */
final class PartFeed implements Feed {
  /** An immutable set's places for each of its entities, whose numbers the group has. */
  private static final int FILLING_BYTES = 8;

  private final ServerMachine machine;
  private final Visibility visibility;
  private final Reader reader;
  private final ScopeBudget budget;
  private final PartRequests requests = new PartRequests();
  private PartGroup group;
  private Set<Long> filling;
  private long fillT;
  private PartSwitch change;
  private PartGroup next;
  private ScopeState own;
  /** What the state of its own takes, and what is on its way to the client. */
  private final PartRoom ownRoom;
  private final PartRoom changing;
  private final PartRoom fillingRoom;
  private Iterator<Transaction> missed = List.<Transaction>of().iterator();
  private long cursor;
  private long sentT;

  /**
   * Begins.
   *
   * @param reader the client and its user
   * @param t the T that the client stands at
   * @param wanted the part that it is to have; checked
   * @param held the part that it has; checked, and of no meaning at T 0
   * @throws dev.rebasis.error.RebasisException if one of them cannot be told
   */
  PartFeed(ServerMachine machine, Reader reader, long t, PartRule wanted, PartRule held) {
    this.machine = machine;
    this.reader = reader;
    this.visibility = new Visibility(wanted.hidden(), reader.user());
    this.cursor = t;
    this.sentT = t;
    this.budget = machine.parts().budget(reader);
    this.ownRoom = room();
    this.changing = room();
    this.fillingRoom = room();
    checkBudget();
    this.group = machine.parts().enter(wanted, budget);
    try {
      if (t == 0) {
        fillAt(machine.master().forcedT());
      } else if (!wanted.equals(held)) {
        own = stateOf(wanted, t, ownRoom);
        change = switchFrom(held, t);
      }
    } catch (RebasisException e) {
      // Nobody will close what was never made.
      close();
      throw e;
    }
  }

  private PartRoom room() {
    return new PartRoom(machine.parts(), Set.of(budget));
  }

  private ScopeState stateOf(PartRule rule, long t, PartRoom room) {
    budget.begin();
    try {
      ScopeState state = new ScopeState(
          rule, machine.databaseAt(t), t, machine.master()::schema, machine.parts().time(budget::millisLeft), room);
      room.count();
      return state;
    } finally {
      budget.end();
    }
  }

  private PartSwitch switchFrom(PartRule held, long t) {
    PartRoom shortly = room();
    try {
      return switching(0, stateOf(held, t, shortly), own);
    } finally {
      shortly.release();
    }
  }

  private PartSwitch switching(long ref, ScopeState held, ScopeState wanted) {
    PartSwitch made = new PartSwitch(ref, held, wanted, record());
    changing.changed(made.bytes());
    changing.count();
    return made;
  }

  private void checkBudget() {
    if (budget.isOver()) {
      throw SessionErrors.scopesCost(budget.waitMillis());
    }
  }

  private TransactionRecord record() {
    return new TransactionRecord(machine.master().schema());
  }

  /** The requests for another part that wait. */
  PartRequests requests() {
    return requests;
  }

  @Override
  public RebasisException fault() {
    return next != null && next.fault() != null ? next.fault() : group.fault();
  }

  /** The client and its user. */
  Reader reader() {
    return reader;
  }

  /**
   * Whether the client would be sent less if it began anew.
   *
   * @param least with fewer facts in the log than this it would not
   */
  boolean isLessAnew(long least) {
    if (machine.master().datomsAfter(cursor) < least) {
      return false;
    }
    budget.begin();
    try {
      return WayBack.isLoadLess(machine.master().database(), group.state().members(), cursor, least);
    } finally {
      budget.end();
    }
  }

  /** How many current facts the part has, those of transactions' own entities not counted; read once, then followed. */
  long facts() {
    budget.begin();
    try {
      return group.state().digest(group.state().t()).orElseThrow().datomsOutsideTransactions();
    } finally {
      budget.end();
    }
  }

  /** Whether the client is on its way from one part to another. */
  boolean isChanging() {
    return change != null;
  }

  /** The client, which holds nothing yet, loads by HTTP: gives the entities that it is to have at the newest T. */
  Set<Long> fillAt(long newestT) {
    fillingRoom.release();
    fillT = newestT;
    filling = Set.copyOf(group.state().members());
    fillingRoom.changed(FILLING_BYTES * filling.size());
    fillingRoom.count();
    return filling;
  }

  /** The client has loaded up to a T, and goes on from there. */
  void filled(long t) {
    filling = null;
    fillingRoom.release();
    cursor = t;
    sentT = t;
  }

  /** The scopes that the session has come to, or is on its way to. */
  List<ScopeSpec> scopes() {
    return (next == null ? group : next).rule().scopes();
  }

  @Override
  public Piece next() {
    checkBudget();
    if (change != null) {
      return switching();
    }
    if (filling != null) {
      Piece piece = filling();
      if (piece != null) {
        return piece;
      }
    }
    if (own == null && !group.covers(cursor)) {
      own = stateOf(group.rule(), cursor, ownRoom);
    }
    if (own != null) {
      budget.begin();
      Piece piece;
      try {
        piece = following();
      } finally {
        budget.end();
      }
      if (piece != null) {
        return piece;
      }
    }
    return riding();
  }

  private Piece filling() {
    List<Transaction> seen = new ArrayList<>();
    int datoms = 0;
    TransactionRecord record = record();
    while (cursor < fillT && datoms < machine.limits().batchDatoms()) {
      for (Transaction transaction : machine.master().transactionsAfter(cursor, machine.limits().batchDatoms())) {
        if (transaction.t() > fillT) {
          break;
        }
        cursor = transaction.t();
        Transaction part = record.seen(transaction, filling, reader);
        if (part != null) {
          seen.add(visibility.of(part, machine.master().schema()));
          datoms += part.datoms().size();
        }
      }
    }
    if (cursor >= fillT) {
      filling = null;
      fillingRoom.release();
    }
    return seen.isEmpty() ? null : piece(seen);
  }

  private Piece switching() {
    Piece piece = change.next(machine.limits().batchDatoms(),
        transaction -> visibility.of(transaction, machine.master().schema()));
    if (piece != null) {
      return piece;
    }
    change = null;
    changing.release();
    if (next != null) {
      machine.parts().leave(group, budget);
      group = next;
      next = null;
    }
    return next();
  }

  /** Goes on through what was missed; once the group knows the rest, it takes over. */
  private Piece following() {
    List<Transaction> seen = new ArrayList<>();
    int datoms = 0;
    TransactionRecord record = record();
    while (datoms < machine.limits().batchDatoms()) {
      if (group.covers(cursor)) {
        own = null;
        ownRoom.release();
        missed = List.<Transaction>of().iterator();
        break;
      }
      if (!missed.hasNext()) {
        missed = machine.master().transactionsAfter(cursor, machine.limits().batchDatoms()).iterator();
      }
      Transaction transaction = missed.next();
      ScopeStep step = PartGroup.visible(
          own.advance(transaction, machine.databaseAt(transaction.t()), record), visibility, machine);
      cursor = transaction.t();
      Transaction part = step.of(reader);
      if (part != null) {
        seen.add(part);
        datoms += part.datoms().size();
      }
    }
    return seen.isEmpty() ? null : piece(seen);
  }

  private Piece riding() {
    PartGroup.Entry entry = group.after(cursor, reader);
    if (entry == null) {
      cursor = group.state().t();
      return requests.isEmpty() ? null : begin(requests.poll());
    }
    Transaction seen = entry.step().of(reader);
    cursor = entry.step().t();
    if (entry.frame() != null && entry.follows() == sentT && seen == entry.step().seen()) {
      sentT = cursor;
      return new Piece(entry.frame(), seen.datoms().size());
    }
    return piece(List.of(seen));
  }

  /** Goes on to another part. Where the client stands is told first: with that message the change has begun, if a second has no room. */
  private Piece begin(PartRequests.Request request) {
    Piece level = level();
    RebasisException refusal = request.refusal() != null ? request.refusal() : refusalToEnter(request);
    if (refusal == null) {
      return level != null ? level : switching();
    }
    if (level != null) {
      requests.refuseNext(request, refusal);
      return level;
    }
    return refused(refusal);
  }

  private RebasisException refusalToEnter(PartRequests.Request request) {
    try {
      next = machine.parts().enter(request.rule(), budget);
      change = switching(request.ref(), group.state(), next.state());
      return null;
    } catch (RebasisException e) {
      giveUp();
      if (request.ref() == 0) {
        // What is held goes by rules that are no more.
        throw e;
      }
      return e;
    }
  }

  private static Piece refused(RebasisException reason) {
    return new Piece(new Frame(SessionErrors.failed(reason, false)), 0);
  }

  /** The part that was to come next does not. */
  private void giveUp() {
    changing.release();
    if (next != null) {
      machine.parts().leave(next, budget);
      next = null;
    }
  }

  private Piece piece(List<Transaction> seen) {
    long follows = sentT;
    sentT = seen.get(seen.size() - 1).t();
    return new Piece(
        new Frame(new Message.Transactions(follows, List.copyOf(seen), Math.max(sentT, machine.master().forcedT()))),
        seen.stream().mapToLong(transaction -> transaction.datoms().size()).sum());
  }

  @Override
  public long cursor() {
    return cursor;
  }

  @Override
  public Piece level() {
    return sentT < cursor && change == null ? piece(List.of(new Transaction(cursor, List.of()))) : null;
  }

  @Override
  public Optional<Digest> digest(long t, Digest theirs) {
    if (own != null || filling != null || change != null || t < sentT || t > cursor) {
      return Optional.empty();
    }
    Optional<Digest> ours = group.state().digest(t);
    ours.ifPresent(digest -> visibility.adaptPart(digest, theirs, machine.master().schema()));
    return ours;
  }

  @Override
  public void close() {
    machine.parts().leave(group, budget);
    giveUp();
    fillingRoom.release();
    ownRoom.release();
  }
}
