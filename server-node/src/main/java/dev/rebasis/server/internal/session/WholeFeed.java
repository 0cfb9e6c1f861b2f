package dev.rebasis.server.internal.session;

import dev.rebasis.digest.Digest;
import java.util.Optional;

/** The whole database, but for hidden attributes: batches that sessions share. Confined to the core. */
final class WholeFeed implements Feed {
  private final ServerMachine machine;
  private final Visibility visibility;
  private long cursor;

  WholeFeed(ServerMachine machine, Visibility visibility, long cursor) {
    this.machine = machine;
    this.visibility = visibility;
    this.cursor = cursor;
  }

  @Override
  public Piece next() {
    if (cursor >= machine.master().forcedT()) {
      return null;
    }
    Broadcast.Batch batch = machine.batchAfter(cursor, visibility);
    cursor = batch.lastT();
    return new Piece(batch.frame(), batch.datoms());
  }

  @Override
  public long cursor() {
    return cursor;
  }

  @Override
  public Piece level() {
    return null;
  }

  @Override
  public Optional<Digest> digest(long t, Digest theirs) {
    Optional<Digest> ours = t > cursor ? Optional.empty() : machine.digest().at(t);
    ours.ifPresent(digest -> visibility.adapt(digest, theirs, machine.master().schema()));
    return ours;
  }

  @Override
  public void close() {}
}
