package dev.rebasis.server.internal.master;

import dev.rebasis.error.RebasisException;

/**
 * What the pushes of one session have in common: a later one may stand on an earlier one. When one of them is not decided,
 * those after it are not either, until the client has pushed all of them again in another session. That has to be known
 * at once: the session hears of it only when what was decided before is durable, and pushes come in meanwhile. Thread-safe.
 */
public final class PushLine {
  private volatile RebasisException broken;

  /** Why nothing of this session is decided any more; null if all goes on. */
  RebasisException broken() {
    return broken;
  }

  /** A push of this session is not decided. The first reason stands. */
  void breakOff(RebasisException reason) {
    broken = broken == null ? reason : broken;
  }
}
