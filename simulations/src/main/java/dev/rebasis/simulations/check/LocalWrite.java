package dev.rebasis.simulations.check;

import dev.rebasis.client.Outcome;
import dev.rebasis.client.Pending;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** A transaction for which {@code transact} returned on some client, and what was heard of it since. Confined. */
public final class LocalWrite {
  private static final Set<Keyword> SET_ASIDE =
      Set.of(Keyword.of(":rebasis.error/withdrawn"), Keyword.of(":rebasis.error/predecessor-not-committed"));

  private final String client;
  private final int label;
  private final String kind;
  private final String argument;
  private Pending pending;
  private final List<Datom> predicted;
  private final boolean predictionKnown;
  private Outcome outcome;
  private boolean lossAllowed;
  private boolean unheld;
  private boolean replaced;
  private boolean returnAllowed;
  private boolean renumbered;
  private boolean standsOnForgotten;
  private boolean refusalForgotten;
  private boolean withdrawn;
  private boolean takenBack;
  /** Those made in one call with it, which are one operation; those bound later; those that may be bound. */
  private Set<UUID> madeWith;
  private Set<UUID> boundLater = Set.of();
  private Set<UUID> mayBeBound = Set.of();
  private Set<UUID> seen = Set.of();

  /**
   * Remembers a write.
   *
   * @param client who made it
   * @param label its number in the plan
   * @param kind its operation's kind
   * @param argument its operation's argument
   * @param pending what {@code transact} returned
   * @param predicted the datoms that the client told of at once, in its local ids
   */
  public LocalWrite(
      String client, int label, String kind, String argument, Pending pending, List<Datom> predicted) {
    this(client, label, kind, argument, pending, predicted, true);
  }

  private LocalWrite(
      String client, int label, String kind, String argument, Pending pending, List<Datom> predicted,
      boolean predictionKnown) {
    this.client = client;
    this.label = label;
    this.kind = kind;
    this.argument = argument;
    this.pending = pending;
    this.predicted = List.copyOf(predicted);
    this.predictionKnown = predictionKnown;
    this.madeWith = Set.of(pending.id());
  }

  /** It is one of several, made in one call, of which all or none are to be committed. */
  public void boundWith(Set<UUID> ids) {
    madeWith = Set.copyOf(ids);
  }

  /** It was bound together with these while it waited. */
  public void boundLater(Set<UUID> ids) {
    boundLater = Set.copyOf(ids);
  }

  /** Somebody died while they were bound. */
  public void mayBeBound(Set<UUID> ids) {
    mayBeBound = Set.copyOf(ids);
  }

  /** What was pending on its client as it was made. */
  public void madeOn(List<Pending> earlier) {
    seen = earlier.stream().map(Pending::id).filter(id -> !id.equals(id())).collect(Collectors.toSet());
  }

  /** Whether its author saw that one as pending. */
  boolean saw(UUID other) {
    return seen.contains(other);
  }

  /** Those that are one operation with it, its own id among them. */
  public Set<UUID> madeWith() {
    return madeWith;
  }

  /**
   * Those of which all or none are to be committed, its own id among them. What was bound later may be so in one copy of the store only,
   * and not in an older one.
   */
  public Set<UUID> surelyTogether() {
    return boundLater.isEmpty() || replaced ? madeWith : boundLater;
  }

  /** Those with which it may be bound, its own id among them. */
  public Set<UUID> perhapsTogether() {
    Set<UUID> all = new HashSet<>(madeWith);
    all.addAll(boundLater);
    all.addAll(mayBeBound);
    return all;
  }

  /** Its author took it back before it was sent: nobody ever gets to see it, unless another copy of the store has it. */
  public void withdrawn() {
    withdrawn = !returnAllowed;
    takenBack = true;
    lossAllowed = true;
  }

  /** Its author took it back, and nobody knows whether that came about. */
  public void mayBeWithdrawn() {
    takenBack = true;
    lossAllowed = true;
  }

  /** Whether its author took it back before it was sent, or may have done so. */
  public boolean isTakenBack() {
    return takenBack;
  }

  /** Whether it was taken back before it was sent. */
  public boolean isWithdrawn() {
    return withdrawn;
  }

  /**
   * A write whose {@code transact} never returned, found in the store when it was opened again. What its client expected
   * of it was never told.
   */
  public static LocalWrite found(String client, int label, String kind, String argument, Pending pending) {
    return new LocalWrite(client, label, kind, argument, pending, List.of(), false);
  }

  /** Whether its client parked it by itself, unsent: it may no longer see what it touches, or what it stands on went that way. */
  public boolean isSetAside() {
    return outcome != null && outcome.code() != null && SET_ASIDE.contains(outcome.code());
  }

  /** Whether its client told what it expected of it. */
  boolean isPredictionKnown() {
    return predictionKnown;
  }

  /** Who made it. */
  public String client() {
    return client;
  }

  /** Its number in the plan. */
  public int label() {
    return label;
  }

  /** Its operation's kind. */
  public String kind() {
    return kind;
  }

  /** Its operation's argument. */
  public String argument() {
    return argument;
  }

  /** The id under which everybody knows it. */
  public UUID id() {
    return pending.id();
  }

  /** What {@code transact} returned. */
  public Pending pending() {
    return pending;
  }

  /** The datoms that the client expected of it. */
  public List<Datom> predicted() {
    return predicted;
  }

  /** What the client said became of it, null if it said nothing yet. */
  public Outcome outcome() {
    return outcome;
  }

  /** The client was opened again: only what it hands out now knows what becomes of it. */
  public void reopened(Pending again) {
    pending = again;
  }

  /** Whether its client is to know what became of it: its store was never replaced by one that may not hold it. */
  boolean isHeld() {
    return !unheld && !withdrawn && !replaced;
  }

  /** Its store was replaced by an older one, or is in use twice: what is kept of it may be what the other copy heard. */
  public void replaced() {
    replaced = true;
  }

  /** The only store that held it is gone: it may be lost if nothing was heard of it, or if the server forgets or forgot it too. */
  public void unheld() {
    unheld = true;
    lossAllowed = outcome == null || refusalForgotten;
  }

  /** Whether it may be lost without being a fault. */
  public boolean isLossAllowed() {
    return lossAllowed;
  }

  /** Its store went back to before it was decided: it may be pending again. */
  public void allowReturn() {
    returnAllowed = true;
    withdrawn = false;
  }

  /** Whether it may be pending again although it was decided. */
  public boolean isReturnAllowed() {
    return returnAllowed;
  }

  /** Its client may get another number before it is pushed, and its local ids others: what is known of them is void. */
  public void mayBeRenumbered() {
    renumbered = true;
  }

  /** Whether its local ids still mean what they meant when it was made. */
  boolean isNumberingKnown() {
    return !renumbered;
  }

  /** The server has forgotten something that its author saw: it is decided as if he had not, and may mean something else. */
  public void standsOnForgotten() {
    standsOnForgotten = true;
  }

  /** Whether its author saw something that the server has forgotten since. */
  boolean isOnForgotten() {
    return standsOnForgotten;
  }

  /** The server that refused it has forgotten that: its client keeps the refusal, and the server's log has nothing of it. */
  public void refusalForgotten() {
    refusalForgotten = true;
    lossAllowed = true;
  }

  /** Whether a refusal stands with its client only. */
  public boolean isRefusalForgotten() {
    return refusalForgotten;
  }

  /** The server that decided it has forgotten that it did. */
  public void undecided() {
    outcome = null;
    lossAllowed |= unheld;
  }

  /** Takes what the client says of it. */
  public void decided(Outcome told) {
    outcome = told;
  }

  @Override
  public String toString() {
    return client + "'s write " + label + " (" + kind + ")";
  }
}
