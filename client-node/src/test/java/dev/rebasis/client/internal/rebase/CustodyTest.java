package dev.rebasis.client.internal.rebase;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.conflict.Conflict;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Terms;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Goal: what touches withdrawn facts is set aside with its values and what stands on it, and nothing else is. Method: real
 * states over a fake server; the facts of an entity, or of an attribute, are named as withdrawn.
 */
class CustodyTest extends StateRig {
  private Intent make(String edn) {
    return make(edn, Terms.NONE).intent();
  }

  private long entity(String key) {
    return state.confirmed().entid(List.of(Keyword.of(":k"), key));
  }

  private List<Datom> of(String key) {
    List<Datom> facts = new ArrayList<>();
    state.confirmed().datoms(IndexOrder.EAVT, entity(key)).forEach(facts::add);
    return facts;
  }

  private List<Datom> of(String key, String attribute) {
    List<Datom> facts = new ArrayList<>();
    state.confirmed().datoms(IndexOrder.EAVT, entity(key), state.confirmed().schema().entid(Keyword.of(attribute)))
        .forEach(facts::add);
    return facts;
  }

  private static List<UUID> ids(List<SetAside> aside) {
    return aside.stream().map(one -> one.intent().id()).toList();
  }

  private List<UUID> pending() {
    return state.pending().stream().map(one -> one.intent().id()).toList();
  }

  @Test
  void whatTouchesAWithdrawnEntityIsSetAsideWithItsValues() {
    Intent edit = make("[[:db/add [:k \"A\"] :n 5]]");
    Intent other = make("[[:db/add [:k \"B\"] :n 6]]");
    Intent refers = make("[[:db/add [:k \"B\"] :ref [:k \"A\"]]]");
    long a = entity("A");
    List<SetAside> aside = state.setAside(of("A"), id -> true);
    assertThat(ids(aside)).containsExactly(edit.id(), refers.id());
    assertThat(aside.get(0).code()).isEqualTo(Keyword.of(":rebasis.error/withdrawn"));
    assertThat(aside.get(0).conflicts()).contains(new Conflict(Keyword.of(":rebasis.conflict/withdrawn"), a,
        Keyword.of(":n"), List.of(1L), List.of(5L), List.of(), List.of(), Keyword.of(":rebasis.policy/park"), 0));
    assertThat(pending()).containsExactly(other.id());
    assertThat(state.optimistic().entity(a).get(":n")).isEqualTo(1L);
    assertThat(state.optimistic().entity(entity("B")).get(":n")).isEqualTo(6L);
  }

  @Test
  void aNewAttributeOfAWithdrawnEntityIsKeptToo() {
    make("[[:db/add [:k \"B\"] :m 7]]");
    List<SetAside> aside = state.setAside(of("B"), id -> true);
    assertThat(aside.get(0).conflicts()).anySatisfy(conflict -> {
      assertThat(conflict.attribute()).isEqualTo(Keyword.of(":m"));
      assertThat(conflict.base()).isEmpty();
      assertThat(conflict.local()).containsExactly(7L);
    });
  }

  @Test
  void aWithdrawnAttributeLeavesEditsOfOtherAttributesAlone() {
    Intent hidden = make("[[:db/add [:k \"A\"] :n 5]]");
    Intent seen = make("[[:db/add [:k \"A\"] :m 5]]");
    Intent whole = make("[[:db/retractEntity [:k \"A\"]]]");
    assertThat(ids(state.setAside(of("A", ":n"), id -> true))).containsExactly(hidden.id(), whole.id());
    assertThat(pending()).containsExactly(seen.id());
  }

  @Test
  void anUpsertByAWithdrawnKeyIsSetAside() {
    Intent upsert = make("[{:k \"A\" :m 9}]");
    Intent fresh = make("[{:k \"C\" :m 9}]");
    assertThat(ids(state.setAside(of("A"), id -> true))).containsExactly(upsert.id());
    assertThat(pending()).containsExactly(fresh.id());
  }

  @Test
  void whatStandsOnItWaitsWithItAndAGroupIsWhole() {
    Intent maker = make("[{:db/id \"x\" :k \"X\" :ref [:k \"A\"]}]");
    Intent uses = make("[[:db/add [:k \"X\"] :n 2]]");
    UUID group = new UUID(9, 9);
    Intent first = make("[[:db/add [:k \"B\"] :m 3]]", Terms.NONE.withGroup(new Terms.Group(group, 2, 0))).intent();
    Intent second = make("[[:db/add [:k \"A\"] :m 3]]", Terms.NONE.withGroup(new Terms.Group(group, 2, 1))).intent();
    Intent other = make("[[:db/add [:k \"B\"] :n 3]]");
    List<SetAside> aside = state.setAside(of("A"), id -> true);
    assertThat(ids(aside)).containsExactly(maker.id(), uses.id(), first.id(), second.id());
    assertThat(aside.get(1).code()).isEqualTo(Keyword.of(":rebasis.error/predecessor-not-committed"));
    assertThat(pending()).containsExactly(other.id());
  }

  @Test
  void whatWasSentIsLeftToTheServer() {
    Intent sent = make("[[:db/add [:k \"A\"] :n 5]]");
    Intent unsent = make("[[:db/add [:k \"A\"] :m 5]]");
    assertThat(ids(state.setAside(of("A"), id -> !id.equals(sent.id())))).containsExactly(unsent.id());
    assertThat(pending()).containsExactly(sent.id());
  }

  @Test
  void nothingIsAskedWhereNothingIsTouched() {
    make("[[:db/add [:k \"B\"] :n 5]]");
    assertThat(state.setAside(of("A"), id -> {
      throw new AssertionError("not touched: " + id);
    })).isEmpty();
  }
}
