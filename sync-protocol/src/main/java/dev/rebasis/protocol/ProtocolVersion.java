package dev.rebasis.protocol;

import dev.rebasis.data.Keyword;
import java.util.Map;

/**
 * The versions of the protocol. A version stands for the fields of all messages, their types and order, and the tags
 * of values; a test holds a hash of them and fails when they change while the number does not.
 *
 * <p>History:
 *
 * <ol>
 *   <li>The first: hello, push, pull-credit, sync, bye; welcome, outcomes, transactions, basis, synced, error, bye.
 *   <li>An intent may have terms: policies, values seen, premises, predecessors, a group, an instant, what it retries.
 *       Version 1 is no longer spoken: it would pass over them.
 *   <li>First load by HTTP (welcome's load, loaded), digests (verify, verified), tokens against copied stores. Version 2
 *       is still spoken: a session of it has none of these.
 *   <li>Scopes: hello's scopes and held, scope, scope-change, transactions that withdraw entities and bring older datoms of
 *       others.
 *       Lineage (welcome's forks; hello's fork and instant), two tokens in hello, push's known, welcome's user.
 *   <li>Push's number. Version 4 is still spoken: pushes that overtake each other are not noticed there.
 *   <li>The terms of an intent say what it undoes. Version 5 is still spoken: what takes a transaction back is decided there as
 *       any other.
 *   <li>They say where it stood when it was made, if it was moved since: its client's note, which everybody else passes over, servers
 *       of version 6 too.
 * </ol>
 */
public final class ProtocolVersion {
  /** The newest version, which this code speaks. */
  public static final int CURRENT = 7;
  /** The oldest version that this code still speaks. Once raised it never goes back. */
  public static final int OLDEST = 2;
  /**
   * What a server speaks at least unless its operator says otherwise: the oldest version in which it tells a store from a copy
   * and notices pushes that overtake each other. Raised for such a reason only, since devices in the field are shut out by it.
   */
  public static final int OLDEST_GUARDED = 5;

  private ProtocolVersion() {}

  /**
   * The version of a session: the newest that both sides speak. The server decides it.
   *
   * @param offered the newest version that the client speaks
   * @throws ProtocolException if the client is too old ({@link ProtocolException#UNSUPPORTED_VERSION})
   */
  public static int agree(int offered) {
    if (offered < OLDEST) {
      throw unsupported("The client speaks version " + offered + " of the protocol, the server " + OLDEST + " to "
          + CURRENT + ": update the client.", offered);
    }
    return Math.min(offered, CURRENT);
  }

  /**
   * Checks on the client what the server decided.
   *
   * @param decided the version in {@code welcome}
   * @throws ProtocolException if this code does not speak it ({@link ProtocolException#UNSUPPORTED_VERSION})
   */
  public static void check(int decided) {
    if (decided < OLDEST || decided > CURRENT) {
      throw unsupported("The server speaks version " + decided + " of the protocol, the client " + OLDEST + " to "
          + CURRENT + ": update the older of the two.", decided);
    }
  }

  private static ProtocolException unsupported(String message, int version) {
    return new ProtocolException(
        ProtocolException.UNSUPPORTED_VERSION, message, Map.of(Keyword.of(":version"), version), null);
  }
}
