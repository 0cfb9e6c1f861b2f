package dev.rebasis.server.internal.scope;

import datomic.Database;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.digest.Digest;
import dev.rebasis.protocol.AttributeDigest;
import dev.rebasis.server.internal.master.DatomicFactView;
import dev.rebasis.server.internal.master.DatomicValues;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The digest of a part at its newest T and at some Ts before; transaction entities are not counted. Confined. */
final class DigestTrail {
  private static final int UNDO_MAX = 512;

  /** One step back: the T of the step, and the digests before it of the attributes that it changed. */
  private record Undo(long t, List<AttributeDigest> before) {}

  private final Digest digest = new Digest();
  private final ArrayDeque<Undo> undos = new ArrayDeque<>();
  /** Before this T nothing is known. */
  private long fromT;

  DigestTrail(long fromT) {
    this.fromT = fromT;
  }

  /** Begins with a step: what comes now belongs to it. */
  void step(Transaction seen) {
    Set<Long> attributes = new LinkedHashSet<>();
    seen.datoms().forEach(datom -> attributes.add(datom.a()));
    if (!seen.withdrawn().isEmpty()) {
      digest.attributes().forEach(attribute -> attributes.add(attribute.a()));
    }
    List<AttributeDigest> before = new ArrayList<>(attributes.size());
    attributes.forEach(a -> before.add(digest.attribute(a)));
    undos.push(new Undo(seen.t(), before));
    if (undos.size() > UNDO_MAX) {
      fromT = undos.removeLast().t();
    }
  }

  void add(Datom datom) {
    if (!EntityIds.isTx(datom.e())) {
      digest.add(datom);
    }
  }

  void remove(Datom datom) {
    if (!EntityIds.isTx(datom.e())) {
      digest.remove(datom);
    }
  }

  /** A fact is retracted that a value still has. */
  void retract(Datom retraction, Database before) {
    for (datomic.Datom datom : before.datoms(
        Database.EAVT, retraction.e(), retraction.a(), DatomicValues.toDatomic(retraction.v()))) {
      remove(DatomicFactView.translate(datom));
    }
  }

  /** The digest after the last step at or before a T; empty if that is too long ago. */
  Optional<Digest> notAfter(long t) {
    if (t < fromT) {
      return Optional.empty();
    }
    Digest then = digest.copy();
    for (Undo undo : undos) {
      if (undo.t() <= t) {
        break;
      }
      undo.before().forEach(then::put);
    }
    return Optional.of(then);
  }
}
