package dev.rebasis.server.internal.master;

import dev.rebasis.data.Datom;
import dev.rebasis.digest.ValueHash;
import java.time.Instant;
import java.util.List;

/**
 * SHA-256 over the datoms of a transaction and over the rows of the log, in the form of {@link ValueHash}.
 *
 * <p>A datom is: entity (8 bytes), attribute (8), 1 or 0 for asserted or retracted (1), the value's tag (1), the value.
 * The transaction's own id is left out, since T stands beside the hash. Confined: one caller at a time.
 */
final class DatomDigest {
  private final ValueHash hash = new ValueHash();

  /** The hash of the datoms, in their order. */
  byte[] of(List<Datom> datoms) {
    for (Datom datom : datoms) {
      hash.number(datom.e());
      hash.number(datom.a());
      hash.tag((char) (datom.added() ? 1 : 0));
      hash.value(datom.v());
    }
    return hash.finish();
  }

  /** The hash that chains a row to the one before it. */
  byte[] chain(byte[] previous, long t, Instant txInstant, String forms, String tempids, byte[] datomsHash) {
    hash.bytes(previous);
    hash.number(t);
    hash.number(txInstant.toEpochMilli());
    hash.text(forms);
    hash.text(tempids);
    hash.bytes(datomsHash);
    return hash.finish();
  }
}
