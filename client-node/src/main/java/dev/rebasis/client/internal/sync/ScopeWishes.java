package dev.rebasis.client.internal.sync;

import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ScopeSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongPredicate;

/**
 * Which part of the database the program wants, which one the store holds, and the requests in between. Confined to the
 * {@link SyncMachine}.
 *
 * <p>What is held is known only when the server said that it is: until then the store says what it held before, and the
 * server finds the difference anew in the next session.
 */
final class ScopeWishes {
  private static final Keyword SCOPE = Keyword.of(":rebasis.error/scope");
  /** What a server answers to a request that it does not grant: it cannot, or not now. */
  private static final Set<Keyword> NOT_GRANTED = Set.of(SCOPE, Keyword.of(":rebasis.error/scope-cost"));

  /** A program that waits. */
  private record Call(long ref, List<ScopeSpec> scopes) {}

  private final Outbox outbox;
  private final List<Call> calls = new ArrayList<>();
  private final List<Long> settled = new ArrayList<>();
  /** Calls whose change is stored and not applied yet, with the number of its batch. */
  private final Map<Long, Long> due = new LinkedHashMap<>();
  /** Those of the calls that were sent in this session, and are not answered. */
  private int sent;
  /** Those of the calls, the first ones, for which the hello of this session speaks. */
  private int greetedCalls;
  /** The batch of the newest change. */
  private long changeNumber;
  private List<ScopeSpec> wanted;
  private LogEntry.Part held;
  /** What the hello of this session asked for. */
  private List<ScopeSpec> greeted;

  /**
   * Begins.
   *
   * @param wanted the scopes that the program wants, null for everything
   * @param held what the store holds
   */
  ScopeWishes(List<ScopeSpec> wanted, LogEntry.Part held, Outbox outbox) {
    this.wanted = wanted;
    this.held = held;
    this.outbox = outbox;
  }

  /** The scopes that the program wants; null for everything. */
  List<ScopeSpec> wanted() {
    return wanted;
  }

  /** Whether what the store holds is a part of the database. */
  boolean isPart() {
    return held.isPart();
  }

  /** Whether the store holds what the program wants, as far as is known. */
  boolean isFulfilled() {
    return Objects.equals(wanted, held.scopes());
  }

  /** Whether there is nothing under way: what is wanted is held, and what came in with it is applied. */
  boolean isSettled(LongPredicate isApplied) {
    return isFulfilled() && isApplied.test(changeNumber);
  }

  /** Whether the store has to forget what it holds before it says hello: there is no way from all to a part, or back. */
  boolean mustBeginAnew() {
    return (wanted == null) != (held.scopes() == null);
  }

  /**
   * The fields of a hello.
   *
   * @param t what it says of the T that is held
   */
  List<ScopeSpec> greet(long t) {
    greeted = wanted;
    greetedCalls = calls.size();
    sent = 0;
    return t == 0 ? greeted : held.scopes();
  }

  /**
   * The server has agreed to a session.
   *
   * @param t the T that the hello said
   * @return what to store; null if nothing
   */
  LogEntry.Part welcomed(boolean isPart, long t) {
    LogEntry.Part now = new LogEntry.Part(t == 0 ? greeted : held.scopes(), isPart);
    if (now.equals(held)) {
      return null;
    }
    held = now;
    return now;
  }

  /**
   * The program wants others.
   *
   * @return the message to send if there is a session, and it can tell parts
   */
  Message.FromClient want(long ref, List<ScopeSpec> scopes) {
    wanted = List.copyOf(scopes);
    calls.add(new Call(ref, wanted));
    return new Message.Scope(ref, wanted);
  }

  /** What the program has come to want since the hello, before there was a session to say so in. */
  List<Message.FromClient> late() {
    List<Message.FromClient> late = new ArrayList<>();
    calls.subList(greetedCalls + sent, calls.size()).forEach(call -> late.add(new Message.Scope(call.ref, call.scopes)));
    return late;
  }

  /** The message was sent. */
  void sent() {
    sent++;
  }

  /** The client has caught up in a session: if it holds what is wanted, nobody waits any more. */
  void caughtUp() {
    if (sent == 0 && isFulfilled()) {
      calls.forEach(call -> outbox.add(new SyncAction.Scoped(call.ref, null)));
      calls.clear();
      greetedCalls = 0;
    }
  }

  /** Whether a change with this number is what the server sends next; it answers each request, in their order. */
  boolean isNext(long ref) {
    return ref == 0 || sent > 0 && calls.get(greetedCalls).ref == ref;
  }

  /**
   * The last message of a change has come.
   *
   * @return what to store; then tell {@link #storing}
   */
  LogEntry.Part changed(long ref) {
    int answered = ref == 0 ? greetedCalls : (int) calls.stream().filter(call -> call.ref <= ref).count();
    for (int i = 0; i < answered; i++) {
      Call call = calls.remove(0);
      greeted = ref == 0 ? greeted : call.scopes;
      if (greetedCalls > 0) {
        greetedCalls--;
      } else {
        sent--;
      }
      settled.add(call.ref);
    }
    held = new LogEntry.Part(greeted, true);
    return held;
  }

  /** Whoever waits for the newest change waits until this batch is applied. */
  void storing(long number) {
    changeNumber = number;
    settled.forEach(ref -> due.put(ref, number));
    settled.clear();
  }

  /** Something was applied: tells those whose change is there. */
  void applied(LongPredicate isApplied) {
    due.entrySet().removeIf(entry -> {
      boolean there = isApplied.test(entry.getValue());
      if (there) {
        outbox.add(new SyncAction.Scoped(entry.getKey(), null));
      }
      return there;
    });
  }

  /** Takes note of an error that does not end the session; true if it answers a request for scopes. */
  boolean refused(RebasisException error) {
    if (!NOT_GRANTED.contains(error.code()) || sent == 0) {
      return false;
    }
    sent--;
    outbox.add(new SyncAction.Scoped(calls.remove(greetedCalls).ref, error));
    wanted = calls.isEmpty() ? greeted : calls.get(calls.size() - 1).scopes;
    return true;
  }

  /** Nobody will answer any more. */
  List<SyncAction> failed(RebasisException error) {
    List<SyncAction> actions = new ArrayList<>();
    calls.forEach(call -> actions.add(new SyncAction.Scoped(call.ref, error)));
    due.keySet().forEach(ref -> actions.add(new SyncAction.Scoped(ref, error)));
    calls.clear();
    due.clear();
    sent = 0;
    greetedCalls = 0;
    return actions;
  }

  static RebasisException serverTooOld() {
    return new RebasisException(SCOPE, ErrorCategory.ASK_PERSON,
        "The server does not know scopes, and this client holds or wants a part of the database. Update the server.");
  }

  static RebasisException holdsEverything() {
    return new RebasisException(SCOPE, ErrorCategory.FIX_REQUEST,
        "This client was opened without scopes and holds the whole database. Open it with SyncClient.builder().scope(...)"
            + " to hold parts of it, which can then be changed.");
  }
}
