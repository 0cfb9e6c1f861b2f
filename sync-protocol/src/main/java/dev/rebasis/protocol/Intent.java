package dev.rebasis.protocol;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * A transaction as its author gave it: what a client keeps, replays and pushes. Datoms are derived from it anew at
 * each rebase and by the server. Immutable.
 *
 * @param id unique for ever; written as {@code :rebasis.tx/id}
 * @param seq the client's own count of its transactions, from 1, without gaps in a store
 * @param basisT the confirmed T that the client stood on when the transaction was made; 0 if it had none
 * @param madeAt the client's clock when the transaction was made, in whole milliseconds
 * @param forms list and map forms as plain data: {@code List}, {@code Map}, {@code Set}, {@code Keyword}, scalars. A
 *     negative {@code Long} where an entity stands is a local id of this client. Every map form has a {@code :db/id}
 *     (the client gives nested and anonymous ones a negative local id)
 * @param tempids for each string tempid in the forms, {@code "datomic.tx"} included, the positive local number that
 *     the client gave it; the local id is its negation
 * @param terms what else bears on the decision; {@link Terms#NONE} if nothing does
 */
public record Intent(
    UUID id, long seq, long basisT, Instant madeAt, List<Object> forms, Map<String, Long> tempids, Terms terms) {
  /** The tempid string that names the transaction's own entity. */
  public static final String TX_TEMPID = "datomic.tx";

  /** Checks for nulls. */
  public Intent {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(madeAt, "madeAt");
    Objects.requireNonNull(forms, "forms");
    Objects.requireNonNull(terms, "terms");
    tempids = Map.copyOf(tempids);
  }

  /** An intent without terms. */
  public Intent(UUID id, long seq, long basisT, Instant madeAt, List<Object> forms, Map<String, Long> tempids) {
    this(id, seq, basisT, madeAt, forms, tempids, Terms.NONE);
  }

  /** The same on other terms. */
  public Intent withTerms(Terms others) {
    return new Intent(id, seq, basisT, madeAt, forms, tempids, others);
  }

  /**
   * The same under another sequence number, with a note of the first one.
   *
   * @param group the group that it belongs to from now on; null if it stays in the one that it is in, or in none
   */
  public Intent movedTo(long newSeq, Terms.Group group) {
    Terms.Moved before = terms.moved();
    boolean bound = group != null || before != null && before.bound();
    Terms now = terms.withGroup(group == null ? terms.group() : group)
        .withMoved(new Terms.Moved(before == null ? seq : before.seq(), bound));
    return new Intent(id, newSeq, basisT, madeAt, forms, tempids, now);
  }

  /** The same where it stood when it was made, if it was moved since. */
  public Intent asMade() {
    Terms.Moved from = terms.moved();
    return from == null ? this : new Intent(id, from.seq(), basisT, madeAt, forms, tempids,
        terms.withGroup(from.bound() ? null : terms.group()).withMoved(null));
  }

  /** The local id (negative) of the transaction's own entity. */
  public long txLocalId() {
    return -tempids.get(TX_TEMPID);
  }
}
