package dev.rebasis.server.internal.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.Fork;
import dev.rebasis.protocol.RebasisSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What every {@link Master} does, whatever it keeps its database in; {@link PushContract} is about pushes. */
abstract class MasterContract {
  /** A new master. */
  abstract MasterFixture fresh();

  @Test
  void aNewMasterHasAnIdAndHoldsItsOwnSchema() {
    try (MasterFixture f = fresh()) {
      assertThat(f.master.databaseId()).isNotNull();
      assertThat(f.master.schema().entid(RebasisSchema.TX_ID)).isNotNull();
      assertThat(f.master.database().entity(RebasisSchema.DATABASE.toString()).get(RebasisSchema.DB_ID.toString()))
          .isEqualTo(f.master.databaseId());
      assertThat(f.master.hasTransaction(f.master.forcedT())).isTrue();
      assertThat(f.master.hasTransaction(f.master.forcedT() + 1)).isFalse();
      assertThat(f.master.instantOf(f.master.forcedT())).isNotNull();
      assertThat(f.master.instantOf(f.master.forcedT() + 1)).isNull();
    }
  }

  @Test
  void whatIsCommittedIsBroadcastAndIsInTheLogAlike() {
    try (MasterFixture f = fresh()) {
      long before = f.master.forcedT();
      Master.Transacted schema = f.transact(MasterFixture.SCHEMA);
      Master.Transacted order = f.transact("[{:db/id \"x\" :order/number \"A\" :order/tags [:b :c]}]");
      f.transact("[[:db/retract [:order/number \"A\"] :order/tags :b]]");
      List<Transaction> log = f.master.transactionsAfter(before, Integer.MAX_VALUE);
      assertThat(f.broadcast).isEqualTo(log).hasSize(3);
      assertThat(log).startsWith(schema.transaction(), order.transaction());
      assertThat(log.get(2).t()).isEqualTo(f.master.forcedT());
      assertThat(f.master.transactionsAfter(before, 1)).as("at least one").hasSize(1);
      assertThat(f.master.transactionsAfter(f.master.forcedT(), Integer.MAX_VALUE)).isEmpty();
      long datoms = log.stream().mapToLong(one -> one.datoms().size()).sum();
      assertThat(f.master.datomsAfter(before)).as("never too few").isGreaterThanOrEqualTo(datoms);
      List<Datom> net = new ArrayList<>();
      f.master.missingAfter(before).transactions().forEach(one -> net.addAll(one.datoms()));
      assertThat(net).hasSize((int) datoms - 2).noneMatch(datom -> Keyword.of(":b").equals(datom.v()));
    }
  }

  @Test
  void storesKeepTheirNumbersAndTokens() {
    try (MasterFixture f = fresh()) {
      assertThat(f.client(5)).isEqualTo(1);
      assertThat(f.client(6)).isEqualTo(2);
      assertThat(f.client(5)).isEqualTo(1);
      assertThat(f.master.tokenOf(1)).isNull();
      MasterFixture.Result<UUID> noted = new MasterFixture.Result<>();
      f.master.setToken(1, new UUID(3, 3), noted);
      assertThat(noted.get()).isEqualTo(new UUID(3, 3)).isEqualTo(f.master.tokenOf(1));
    }
  }

  @Test
  void aForkIsNoted() {
    try (MasterFixture f = fresh()) {
      long t = f.master.forcedT();
      assertThat(f.master.forks()).isEmpty();
      MasterFixture.Result<Fork> noted = new MasterFixture.Result<>();
      f.master.fork(t, noted);
      assertThat(noted.get().t()).isEqualTo(t);
      assertThat(f.master.forks()).containsExactly(noted.get());
    }
  }

  @Test
  void aRehearsalTellsHowFarItGoesAndWritesNothing() {
    try (MasterFixture f = fresh()) {
      long t = f.master.forcedT();
      MasterFixture.Result<Master.Rehearsal> result = new MasterFixture.Result<>();
      f.master.rehearse(List.of(MasterFixture.forms(MasterFixture.SCHEMA),
          MasterFixture.forms("[{:order/number \"A\"}]"), MasterFixture.forms("[{:order/number 5}]")), result);
      assertThat(result.get().possible()).isEqualTo(2);
      assertThat(result.get().fault()).isNotNull();
      assertThat(f.master.forcedT()).isEqualTo(t);
    }
  }

  @Test
  void catchingUpComesToTheNewestT() {
    try (MasterFixture f = fresh()) {
      f.transact(MasterFixture.SCHEMA);
      MasterFixture.Result<Long> reached = new MasterFixture.Result<>();
      f.master.catchUp(reached);
      assertThat(reached.get()).isEqualTo(f.master.forcedT());
    }
  }

  @Test
  void whatDatomicRefusesLeavesNoTrace() {
    try (MasterFixture f = fresh()) {
      f.transact(MasterFixture.SCHEMA);
      long t = f.master.forcedT();
      assertThatThrownBy(() -> f.transact("[[:db/add \"x\" :order/quantity \"three\"]]"))
          .isInstanceOfSatisfying(TransactionException.class,
              e -> assertThat(e.code()).isEqualTo(Keyword.of(":db.error/wrong-type-for-attribute")));
      assertThat(f.master.forcedT()).isEqualTo(t);
      assertThat(f.master.stats().unforced()).isZero();
    }
  }

  @Test
  void functionsAndTimesAreNotForPrograms() {
    try (MasterFixture f = fresh()) {
      assertThatThrownBy(() -> f.transact("[[:my/function 1]]")).hasMessageContaining(":my/function");
      assertThatThrownBy(() -> f.transact("[{:db/id \"datomic.tx\" :db/txInstant #inst \"2000-01-01\"}]"))
          .hasMessageContaining("txInstant");
      assertThatThrownBy(() -> f.transact("[5]")).hasMessageContaining("neither");
    }
  }

  @Test
  void aSchemaIsInstalledOnce() {
    try (MasterFixture f = fresh()) {
      List<Object> forms = MasterFixture.forms(MasterFixture.SCHEMA);
      MasterFixture.Result<Boolean> first = new MasterFixture.Result<>();
      f.master.transactIfNew(forms, first);
      assertThat(first.get()).isTrue();
      long t = f.master.forcedT();
      MasterFixture.Result<Boolean> second = new MasterFixture.Result<>();
      f.master.transactIfNew(forms, second);
      assertThat(second.get()).isFalse();
      assertThat(f.master.forcedT()).isEqualTo(t);
    }
  }
}
