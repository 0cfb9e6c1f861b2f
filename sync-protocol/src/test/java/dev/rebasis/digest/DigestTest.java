package dev.rebasis.digest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.AnyValue;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/**
 * Goal: the digest depends on the set of current datoms and on nothing else. Method: random datoms in random orders, with
 * detours, against the digest of the plain list; single changes must be seen and named by their attribute.
 */
class DigestTest {
  private static final long E = 17592186045418L;

  @Provide
  Arbitrary<List<Datom>> datoms() {
    return Combinators.combine(Arbitraries.longs().between(E, E + 20), Arbitraries.longs().between(72, 76),
            AnyValue.datomValue(), Arbitraries.longs().between(1000, 1010))
        .as((e, a, v, t) -> new Datom(e, a, v, EntityIds.txOf(t), true))
        .list().ofMinSize(1).ofMaxSize(30).uniqueElements();
  }

  @Property(tries = 200)
  void orderAndDetours_doNotMatter(@ForAll("datoms") List<Datom> datoms, @ForAll("datoms") List<Datom> passing,
      @ForAll long seed) {
    Digest wanted = new Digest();
    datoms.forEach(wanted::add);
    List<Datom> shuffled = new ArrayList<>(datoms);
    Collections.shuffle(shuffled, new Random(seed));
    Digest other = new Digest();
    passing.forEach(other::add);
    shuffled.forEach(other::add);
    passing.forEach(other::remove);
    assertThat(other.attributes()).isEqualTo(wanted.attributes());
    assertThat(other.differences(wanted)).isEmpty();
    assertThat(Digest.of(wanted.attributes()).attributes()).isEqualTo(wanted.attributes());
  }

  @Property(tries = 100)
  void whatIsOfTransactions_canBeLeftOut(@ForAll("datoms") List<Datom> datoms, @ForAll("datoms") List<Datom> more) {
    Digest others = new Digest();
    datoms.forEach(others::add);
    Digest all = others.copy();
    more.stream().map(d -> new Datom(EntityIds.txOf(d.t()), d.a(), d.v(), d.tx(), true)).forEach(all::add);
    assertThat(all.withoutTransactions().attributes()).isEqualTo(others.attributes());
    Digest read = Digest.of(all.attributes());
    all.transactions().forEach(read::putTransactions);
    assertThat(read.withoutTransactions().attributes()).isEqualTo(others.attributes());
    assertThat(all.attributes()).isEqualTo(read.attributes());
  }

  @Property(tries = 200)
  void oneDatomMore_isSeenAndNamed(@ForAll("datoms") List<Datom> datoms) {
    Digest whole = new Digest();
    datoms.forEach(whole::add);
    Digest part = whole.copy();
    Datom lost = datoms.get(datoms.size() / 2);
    part.remove(lost);
    assertThat(whole.differences(part)).hasSize(1);
    assertThat(whole.differences(part).get(0).a()).isEqualTo(lost.a());
    assertThat(part.differences(whole)).hasSize(1);
    assertThat(whole.datoms()).isEqualTo(part.datoms() + 1);
  }

  @Test
  void anotherValueEntityOrTransaction_isSeen() {
    Datom datom = new Datom(E, 72, "a", EntityIds.txOf(1001), true);
    Digest digest = digest(datom);
    assertThat(digest.differences(digest(new Datom(E, 72, "b", EntityIds.txOf(1001), true)))).hasSize(1);
    assertThat(digest.differences(digest(new Datom(E + 1, 72, "a", EntityIds.txOf(1001), true)))).hasSize(1);
    assertThat(digest.differences(digest(new Datom(E, 72, "a", EntityIds.txOf(1003), true)))).hasSize(1);
    assertThat(digest.differences(digest(new Datom(E, 73, "a", EntityIds.txOf(1001), true)))).hasSize(2);
  }

  @Test
  void whatEveryDatabaseBeginsWith_isNotCounted() {
    assertThat(digest(new Datom(10, 10, "x", EntityIds.txOf(0), true)).attributes()).isEmpty();
    assertThat(digest(new Datom(0, 13, 72L, EntityIds.txOf(1000), true)).attributes()).isEmpty();
    assertThat(digest(new Datom(72, 62, "doc", EntityIds.txOf(1000), true)).datoms()).isEqualTo(1);
  }

  private static Digest digest(Datom datom) {
    Digest digest = new Digest();
    digest.add(datom);
    return digest;
  }
}
