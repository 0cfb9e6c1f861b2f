package dev.rebasis.client.internal.core;

import dev.rebasis.client.Outcome;
import dev.rebasis.client.Pending;
import dev.rebasis.conflict.IntentBuilder;
import dev.rebasis.conflict.LocalIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** A {@link Pending} of the core. */
final class PendingHandle implements Pending {
  private volatile Intent intent;
  private final Supplier<LocalIds> ids;
  private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

  /** Makes one; {@code ids} gives the newest published local ids. */
  PendingHandle(Intent intent, Supplier<LocalIds> ids) {
    this.intent = intent;
    this.ids = ids;
  }

  Intent intent() {
    return intent;
  }

  /** The transaction stands elsewhere among its client's. */
  void moved(Intent now) {
    intent = now;
  }

  void complete(Outcome decided) {
    outcome.complete(decided);
  }

  void fail(RebasisException cause) {
    outcome.completeExceptionally(cause);
  }

  @Override
  public UUID id() {
    return intent.id();
  }

  @Override
  public long seq() {
    return intent.seq();
  }

  @Override
  public long basisT() {
    return intent.basisT();
  }

  @Override
  public List<Object> forms() {
    return intent.forms();
  }

  @Override
  public Map<String, Long> tempids() {
    Map<String, Long> resolved = new LinkedHashMap<>();
    LocalIds now = ids.get();
    intent.tempids().forEach((tempid, number) -> {
      if (!IntentBuilder.isAnonymous(tempid)) {
        resolved.put(tempid, now.resolve(-number));
      }
    });
    return Collections.unmodifiableMap(resolved);
  }

  @Override
  public long resolve(String tempid) {
    Long number = intent.tempids().get(tempid);
    if (number == null) {
      throw new RebasisException(
          Keyword.of(":rebasis.error/unknown-tempid"), ErrorCategory.PROGRAMMING_ERROR,
          "This transaction has no tempid \"" + tempid + "\"; it has " + intent.tempids().keySet() + ".",
          Map.of(Keyword.of(":tempid"), tempid), null);
    }
    return ids.get().resolve(-number);
  }

  @Override
  public CompletableFuture<Outcome> outcome() {
    // A copy: a program that completes or cancels it does not reach into ours.
    return outcome.copy();
  }

  @Override
  public String toString() {
    return "transaction " + intent.seq() + " " + intent.id();
  }
}
