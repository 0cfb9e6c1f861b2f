package dev.rebasis.server.internal.session;

import dev.rebasis.error.RebasisException;
import dev.rebasis.server.internal.scope.PartRule;
import java.util.ArrayDeque;

/**
 * The requests for another part to which a session has not come yet, oldest first. One that is refused keeps its place: answers
 * do not name what they answer, so a client takes each for that of its oldest request. Confined to the core.
 */
final class PartRequests {
  private static final int MAX = 16;

  /**
   * One request.
   *
   * @param ref the client's number for it; 0 if what its user may see has changed
   * @param rule null if it is refused
   * @param refusal null if it is not
   */
  record Request(long ref, PartRule rule, RebasisException refusal) {}

  private final ArrayDeque<Request> waiting = new ArrayDeque<>();

  /**
   * Another part is wanted.
   *
   * @param rule checked
   * @return false if too many requests wait already
   */
  boolean want(long ref, PartRule rule) {
    return add(new Request(ref, rule, null));
  }

  /** A part is wanted that cannot be had; the client is told so when it is the request's turn. */
  boolean refuse(long ref, RebasisException reason) {
    return add(new Request(ref, null, reason));
  }

  private boolean add(Request request) {
    waiting.add(request);
    return waiting.size() <= MAX;
  }

  /** The oldest one, which is gone then; null if there is none. */
  Request poll() {
    return waiting.poll();
  }

  /** The one that was taken last is refused, and waits a moment longer. */
  void refuseNext(Request request, RebasisException reason) {
    waiting.addFirst(new Request(request.ref(), null, reason));
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }
}
