package dev.rebasis.client.internal.core;

import dev.rebasis.client.Status;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.sync.SyncAction;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ScopeSpec;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** The steps that the sync executor takes on behalf of the {@link SyncDriver}. Confined to the sync executor's tasks. */
final class CoreSteps implements SyncCore {
  private final CoreState state;
  private final ConfirmedSide confirmed;
  private final ServerCalls calls;
  private final ClientEvents events;
  private final Quota quota;
  private final Supplier<List<ScopeSpec>> wantedScopes;
  private final Supplier<Status> status;
  private final Consumer<RuntimeException> failed;

  /**
   * Makes them.
   *
   * @param wantedScopes what the sync machine asks for now
   * @param status of the client, for listeners
   * @param failed stops the client
   */
  CoreSteps(CoreState state, ConfirmedSide confirmed, ServerCalls calls, ClientEvents events, Quota quota,
      Supplier<List<ScopeSpec>> wantedScopes, Supplier<Status> status, Consumer<RuntimeException> failed) {
    this.state = state;
    this.confirmed = confirmed;
    this.calls = calls;
    this.events = events;
    this.quota = quota;
    this.wantedScopes = wantedScopes;
    this.status = status;
    this.failed = failed;
  }

  @Override
  public long apply(SyncAction.Apply batch, Predicate<UUID> takeUnsent) {
    quota.arrived(batch.transactions());
    return confirmed.apply(batch, takeUnsent);
  }

  @Override
  public void setAside(Wire.TooLarge tooLarge, Predicate<UUID> take) {
    confirmed.setAside(tooLarge, take);
  }

  @Override
  public void synced(long ref, RebasisException error) {
    calls.synced(ref, error);
  }

  @Override
  public Message.Verify digest(long ref, boolean ofPart) {
    return confirmed.digest(ref, ofPart);
  }

  @Override
  public void verified(SyncAction.Verified verified) {
    calls.verified(verified, confirmed.verification(verified));
  }

  @Override
  public void scoped(long ref, RebasisException error) {
    calls.scoped(ref, error, wantedScopes);
  }

  @Override
  public void stateChanged() {
    events.stateChanged(status);
  }

  @Override
  public void clientNumber(long number) {
    state.setClient(number, events::loaded);
  }

  @Override
  public Map<Long, Long> known(List<Intent> intents) {
    return state.known(intents);
  }

  @Override
  public void forking(LogEntry.Forking fork) {
    state.setForking(fork);
  }

  @Override
  public SyncCore.Mended mended() {
    return state.mended();
  }

  @Override
  public RebasisException arriving() {
    return quota.arriving();
  }

  @Override
  public void failed(RuntimeException cause) {
    failed.accept(cause);
  }
}
