package dev.rebasis.server.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Transaction;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ScopeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Goal: sessions with scopes share what can be shared, a refusal keeps its place among the answers, and a client knows the outcomes of
 * its own transactions from the stream. Method: a case for each.
 */
class PartSessionTest extends PartWorld {
  @Test
  void sessionsOfOneScopeShareTheirFrames_andAreSentNothingOfOthers() {
    transact(SCHEMA);
    Holder one = new Holder(1, List.of(region("a")));
    Holder two = new Holder(2, List.of(region("a")));
    one.connect(1_000_000);
    two.connect(1_000_000);
    transact("[{:order/number \"0\" :order/region :a}]");
    transact("[{:order/number \"1\" :order/region :a}]");
    assertThat(last(one)).isSameAs(last(two));
    int before = one.connection.frames.size();
    transact("[{:order/number \"2\" :order/region :b}]");
    assertThat(one.connection.frames).hasSize(before);
    transact("[[:db/add [:order/number \"2\"] :order/region :a]]");
    Transaction entering = one.connection.last(Message.Transactions.class).transactions().get(0);
    assertThat(entering.withdrawn()).hasSize(1);
    assertThat(entering.datoms().stream().filter(datom -> datom.v().equals("2"))).hasSize(1);
    tick();
    one.take();
    two.take();
    one.check();
    two.check();
    assertThat(machine.parts().size()).isEqualTo(1);
    one.disconnect();
    two.disconnect();
    assertThat(machine.parts().size()).isZero();
  }

  @Test
  void aQueryThatDatomicCannotAnswer_isRefused_andTheServerGoesOn() {
    transact(SCHEMA);
    transact("[{:order/number \"1\" :order/region :a :order/quantity 5}]");
    Holder one = new Holder(1, List.of(region("a")));
    one.connect(1_000_000);
    one.take();
    ScopeSpec wrong = new ScopeSpec("wrong",
        Edn.read("[:find ?o :where [?o :order/number ?n] [(even? ?n)]]"), List.of(), null);
    inline.execute(() -> one.connection.session.received(new Message.Scope(1, List.of(wrong))));
    Message.Failed failed = one.connection.last(Message.Failed.class);
    assertThat(failed.fatal()).isFalse();
    assertThat(failed.code().toString()).isEqualTo(":rebasis.error/scope");
    one.read = one.connection.received.size();
    transact("[{:order/number \"2\" :order/region :a}]");
    tick();
    one.take();
    one.check();
  }

  @Test
  void aRefusalWaitsForTheAnswersToWhatWasAskedBefore() {
    transact(SCHEMA);
    transact("[{:order/number \"1\" :order/region :a} {:order/number \"2\" :order/region :b}]");
    Holder one = new Holder(1, List.of(region("a")));
    one.connect(1_000_000);
    one.take();
    one.connection.slow = true;
    transact("[{:order/number \"3\" :order/region :a} {:order/number \"4\" :order/region :a}]");
    transact("[{:order/number \"5\" :order/region :a} {:order/number \"6\" :order/region :a}]");
    transact("[{:order/number \"7\" :order/region :a} {:order/number \"8\" :order/region :a}]");
    ScopeSpec wrong = new ScopeSpec("wrong",
        Edn.read("[:find ?o :where [?o :order/number ?n] [(even? ?n)]]"), List.of(), null);
    ScopeSpec unsafe = new ScopeSpec("unsafe",
        Edn.read("[:find ?o :where [?o :order/number ?n] [(clojure.core/eval ?n)]]"), List.of(), null);
    int before = one.connection.received.size();
    for (Message.Scope asked : List.of(new Message.Scope(1, List.of(region("b"))), new Message.Scope(2, List.of(unsafe)),
        new Message.Scope(3, List.of(wrong)), new Message.Scope(4, List.of(region("a"))))) {
      inline.execute(() -> one.connection.session.received(asked));
    }
    while (!one.connection.unsent.isEmpty()) {
      inline.execute(one.connection.unsent.poll());
    }
    List<Object> answers = new ArrayList<>();
    for (Message message : one.connection.received.subList(before, one.connection.received.size())) {
      if (message instanceof Message.ScopeChange change && change.last()) {
        answers.add(change.ref());
      } else if (message instanceof Message.Failed failed) {
        assertThat(failed.fatal()).isFalse();
        answers.add(failed.code().toString());
      }
    }
    assertThat(answers).containsExactly(1L, ":rebasis.error/scope", ":rebasis.error/scope", 4L);
  }

  private static Frame last(Holder holder) {
    return holder.connection.frames.get(holder.connection.frames.size() - 1);
  }

  @Test
  void ownTransactionsAreTold_whateverTheyTouch() {
    transact(SCHEMA);
    transact("[{:order/number \"1\" :order/region :b}]");
    Holder one = new Holder(1, List.of(region("a")));
    Holder two = new Holder(2, List.of(region("a")));
    one.connect(1_000_000);
    two.connect(1_000_000);
    UUID id = one.push("[[:db/add [:order/number \"1\"] :order/quantity 5]]", Map.of());
    tick();
    one.take();
    two.take();
    assertThat(one.decided).contains(id);
    assertThat(two.decided).doesNotContain(id);
    one.check();
    two.check();
  }
}
