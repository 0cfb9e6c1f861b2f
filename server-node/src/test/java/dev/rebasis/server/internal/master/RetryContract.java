package dev.rebasis.server.internal.master;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.executor.InlineExecutor;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.Terms;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Goal: what is parked is taken up once, whoever does it and how often: its device, an operator, two at once, after a crash.
 * Method: a master of either kind, its desk, and quantities that every further application would raise.
 */
abstract class RetryContract {
  MasterFixture f;
  private DeviceDesk desk;
  private long client;
  private long a;

  private final Held log = new Held();

  /** A new master on the core's thread, with an executor for its log or its writer. */
  abstract MasterFixture fresh(Executor logOrWriter);

  @BeforeEach
  void open() {
    f = fresh(log);
    f.transact(MasterFixture.SCHEMA);
    desk = new DeviceDesk(f.master);
    client = f.client(1);
    a = f.transact("[{:db/id \"a\" :order/number \"A\" :order/note \"first\"} {:order/number \"gone\"}]").tempids().get("a");
  }

  @AfterEach
  void close() {
    f.close();
  }

  /** Parked, since one of its entities is gone; the rest of it makes an entity that nobody else would find again. */
  private Intent parked() {
    long basis = f.master.forcedT();
    long gone = f.transact("[{:db/id \"g\" :order/number \"g" + basis + "\"}]").tempids().get("g");
    long seen = f.master.forcedT();
    f.transact("[[:db/retractEntity " + gone + "]]");
    Intent intent = f.intent(seen, "[{:db/id \"n\" :order/quantity 1} [:db/add " + gone + " :order/note \"late\"]]", "n");
    assertThat(f.push(client, intent).only().kind()).isEqualTo(OutcomeKind.PARKED);
    return intent;
  }

  /** As its device does: the same forms on the newest T. */
  private Intent retry(Intent old, UUID retries) {
    Intent numbers = f.intent(f.master.forcedT(), "[]");
    return new Intent(numbers.id(), numbers.seq(), numbers.basisT(), numbers.madeAt(), old.forms(), old.tempids(),
        Terms.NONE.retrying(retries));
  }

  private MasterFixture.Result<PushOutcome> operator(UUID id) {
    MasterFixture.Result<PushOutcome> result = new MasterFixture.Result<>();
    desk.retry(id, f.clock.instant(), Access.ALL, result);
    return result;
  }

  private int made() {
    return ((Collection<?>) datomic.Peer.query("[:find ?e :where [?e :order/quantity]]", f.master.database())).size();
  }

  private int open(long of) {
    return (int) DeviceLists.parked(f.master.database(), of).stream().filter(one -> one.settled() == null).count();
  }

  @Test
  void whatItsDeviceTookUpIsNothingForTheOperator() {
    Intent parked = parked();
    assertThat(DeviceLists.devices(f.master.database()).get(0).parked()).isEqualTo(1);
    assertThat(f.push(client, retry(parked, parked.id())).only().kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(DeviceLists.devices(f.master.database()).get(0).parked()).isZero();
    assertThat(operator(parked.id()).refused.code()).hasToString(":rebasis.error/unknown-transaction");
    assertThat(made()).isEqualTo(1);
  }

  @Test
  void whatTheOperatorTookUpIsNothingForItsDevice() {
    Intent parked = parked();
    assertThat(operator(parked.id()).get().kind()).isEqualTo(OutcomeKind.ACCEPTED);
    Intent again = retry(parked, parked.id());
    PushOutcome outcome = f.push(client, again).only();
    assertThat(outcome.kind()).isEqualTo(OutcomeKind.REJECTED);
    assertThat(outcome.code()).hasToString(":rebasis.error/taken-up");
    assertThat(outcome.message()).contains(parked.id().toString()).contains("committed at T ");
    assertThat(f.push(client, again).only().code()).as("repeated").hasToString(":rebasis.error/taken-up");
    assertThat(f.push(client, retry(parked, again.id())).only().code()).as("a retry of the rejected retry")
        .hasToString(":rebasis.error/taken-up");
    assertThat(made()).isEqualTo(1);
  }

  @Test
  void aChainIsTakenUpOnceAtWhicheverOfItsEnds() {
    Intent parked = parked();
    Intent newer = new Intent(new UUID(8, 1), 1000, parked.basisT(), f.clock.instant(), parked.forms(), parked.tempids(),
        Terms.NONE.retrying(parked.id()));
    assertThat(f.push(client, newer).only().kind()).as("on the old T it meets the same").isEqualTo(OutcomeKind.PARKED);
    assertThat(open(client)).as("the newer one stands for both").isEqualTo(1);
    assertThat(operator(parked.id()).refused).as("the older one").isNotNull();
    assertThat(operator(newer.id()).get().kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(f.push(client, retry(parked, parked.id())).only().code()).hasToString(":rebasis.error/taken-up");
    assertThat(open(client)).isZero();
    assertThat(made()).isEqualTo(1);
  }

  @Test
  void aRejectedRetryLeavesTheParkedOneWaiting() {
    Intent parked = parked();
    Intent edited = f.intent(f.master.forcedT(), "[[:db/cas " + a + " :order/note \"other\" \"x\"]]");
    edited = new Intent(edited.id(), edited.seq(), edited.basisT(), edited.madeAt(), edited.forms(), edited.tempids(),
        Terms.NONE.retrying(parked.id()));
    assertThat(f.push(client, edited).only().kind()).isEqualTo(OutcomeKind.REJECTED);
    assertThat(open(client)).isEqualTo(1);
    assertThat(operator(parked.id()).get().kind()).isEqualTo(OutcomeKind.ACCEPTED);
  }

  @Test
  void whatAnOperatorGaveUpIsNotTakenUp() {
    Intent parked = parked();
    desk.discard(parked.id(), new MasterFixture.Result<>());
    assertThat(operator(parked.id()).refused).isNotNull();
    PushOutcome outcome = f.push(client, retry(parked, parked.id())).only();
    assertThat(outcome.code()).hasToString(":rebasis.error/taken-up");
    assertThat(outcome.message()).contains("given up by an operator");
    assertThat(made()).isZero();
  }

  @Test
  void whatItsDeviceHasTakenUpButNotYetOnDiskIsNotGivenUp() {
    Intent parked = parked();
    MasterFixture.Result<Master.Transacted> discarded = new MasterFixture.Result<>();
    log.hold();
    MasterFixture.Pushed retried = f.push(client, retry(parked, parked.id()));
    desk.discard(parked.id(), discarded);
    assertThat(retried.outcomes).as("not durable yet").isEmpty();
    log.letGo();
    assertThat(retried.only().kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(discarded.refused.code()).hasToString(":rebasis.error/unknown-transaction");
    assertThat(DeviceLists.parked(f.master.database(), client)).extracting(DeviceLists.Parked::settled)
        .containsExactly(RetryChain.RETRIED);
    assertThat(made()).isEqualTo(1);
  }

  @Test
  void whatIsGivenUpButNotYetOnDiskIsNotTakenUpByItsDevice() {
    Intent parked = parked();
    MasterFixture.Result<Master.Transacted> discarded = new MasterFixture.Result<>();
    log.hold();
    desk.discard(parked.id(), discarded);
    MasterFixture.Pushed retried = f.push(client, retry(parked, parked.id()));
    assertThat(discarded.value).as("not durable yet").isNull();
    log.letGo();
    assertThat(discarded.get().transaction().t()).isPositive();
    assertThat(retried.only().code()).hasToString(":rebasis.error/taken-up");
    assertThat(made()).isZero();
  }

  @Test
  void membersOfAGroupAreTakenUpTogether() {
    long seen = f.master.forcedT();
    f.transact("[[:db/retractEntity [:order/number \"gone\"]]]");
    UUID group = new UUID(5, 5);
    Intent first = together(f.intent(seen, "[{:db/id \"n\" :order/quantity 1}]", "n"), group, 0);
    long made = -first.tempids().get("n");
    Intent second = together(f.intent(seen,
        "[[:db/add " + made + " :order/note \"both\"] [:db/cas " + a + " :order/note \"first\" \"second\"]]"), group, 1);
    f.transact("[[:db/retractEntity " + a + "]]");
    MasterFixture.Pushed pushed = f.push(client, first, second);
    assertThat(pushed.outcomes).hasSize(2).allMatch(outcome -> outcome.kind() == OutcomeKind.PARKED);
    assertThat(operator(second.id()).get().kind()).as("the entity is gone for good").isNotEqualTo(OutcomeKind.ACCEPTED);
    assertThat(made()).as("a member without the others").isZero();
  }

  @Test
  void aGroupComesThroughWhole() {
    UUID group = new UUID(5, 6);
    long basis = f.master.forcedT();
    long gone = f.transact("[{:db/id \"g\" :order/number \"g" + basis + "\"}]").tempids().get("g");
    long seen = f.master.forcedT();
    f.transact("[[:db/retractEntity " + gone + "]]");
    Intent first = together(f.intent(seen, "[{:db/id \"n\" :order/quantity 1}]", "n"), group, 0);
    Intent second = together(f.intent(seen, "[[:db/add -" + first.tempids().get("n") + " :order/note \"both\"] [:db/add "
        + gone + " :order/note \"late\"]]"), group, 1);
    assertThat(f.push(client, first, second).outcomes).allMatch(outcome -> outcome.kind() == OutcomeKind.PARKED).hasSize(2);
    assertThat(operator(first.id()).get().kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(open(client)).isZero();
    assertThat((Object) datomic.Peer.query("[:find ?q . :where [?e :order/note \"both\"] [?e :order/quantity ?q]]", f.master.database()))
        .isEqualTo(1L);
  }

  private static Intent together(Intent intent, UUID group, int index) {
    return intent.withTerms(Terms.NONE.withGroup(new Terms.Group(group, 2, index)));
  }

  @Test
  void discardingAMemberGivesItsGroupUp() {
    long seen = f.master.forcedT();
    f.transact("[[:db/retractEntity [:order/number \"gone\"]]]");
    f.transact("[[:db/retractEntity " + a + "]]");
    Intent first = together(f.intent(seen, "[{:db/id \"n\" :order/quantity 1}]", "n"), new UUID(5, 8), 0);
    Intent second = together(f.intent(seen, "[[:db/add " + a + " :order/note \"late\"]]"), new UUID(5, 8), 1);
    assertThat(f.push(client, first, second).outcomes).hasSize(2);
    assertThat(open(client)).isEqualTo(2);
    desk.discard(second.id(), new MasterFixture.Result<>());
    assertThat(open(client)).isZero();
  }

  @Test
  void whatWaitsWithAParkedOneFindsWhatTheOperatorMadeOfIt() {
    Intent parked = parked();
    Intent waits = f.intent(f.master.forcedT(), "[[:db/add -" + parked.tempids().get("n") + " :order/note \"on it\"]]");
    assertThat(f.push(client, waits).only().kind()).isEqualTo(OutcomeKind.PARKED);
    PushOutcome first = operator(parked.id()).get();
    assertThat(operator(waits.id()).get().kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(f.master.database().entity(first.made().get(parked.tempids().get("n"))).get(":order/note")).isEqualTo("on it");
  }

  @Test
  void anOperatorsRetryThatIsParkedAgainLeavesOneThatWaits() {
    Intent first = parked();
    Intent waits = f.intent(f.master.forcedT(), "[[:db/add -" + first.tempids().get("n") + " :order/note \"on it\"]]");
    f.push(client, waits);
    assertThat(operator(waits.id()).get().kind()).as("what it stands on is not there").isEqualTo(OutcomeKind.PARKED);
    assertThat(DeviceLists.parked(f.master.database(), 0)).hasSize(2).allMatch(one -> one.settled() == null);
    operator(first.id()).get();
    assertThat(operator(waits.id()).get().kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(DeviceLists.parked(f.master.database(), 0)).hasSize(2).allMatch(one -> one.settled() != null);
  }

  @Test
  void ofTwoOperatorsAtOnceOneTakesItUp() {
    Intent parked = parked();
    Late late = new Late(f.master);
    DeviceDesk other = new DeviceDesk(late.master());
    MasterFixture.Result<PushOutcome> slow = new MasterFixture.Result<>();
    other.retry(parked.id(), f.clock.instant(), Access.ALL, slow);
    assertThat(operator(parked.id()).get().kind()).isEqualTo(OutcomeKind.ACCEPTED);
    late.goOn();
    assertThat(slow.get().code()).hasToString(":rebasis.error/taken-up");
    assertThat(made()).isEqualTo(1);
  }

  /** Does at once what it is given, or once it is let go. */
  private static final class Held implements Executor {
    private final InlineExecutor inline = new InlineExecutor();
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private boolean holds;

    void hold() {
      holds = true;
    }

    void letGo() {
      holds = false;
      waiting.forEach(inline::execute);
      waiting.clear();
    }

    @Override
    public void execute(Runnable task) {
      if (holds) {
        waiting.add(task);
      } else {
        inline.execute(task);
      }
    }
  }

  /** Gives client numbers only when told: an operator who has looked at what is open, and whose push comes late. */
  private static final class Late {
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private final Master real;

    Late(Master real) {
      this.real = real;
    }

    Master master() {
      return (Master) Proxy.newProxyInstance(Master.class.getClassLoader(), new Class<?>[] {Master.class},
          (proxy, method, arguments) -> {
            if (!method.getName().equals("clientNumber")) {
              return method.invoke(real, arguments);
            }
            waiting.add(() -> {
              @SuppressWarnings("unchecked")
              Master.Answer<Long> answer = (Master.Answer<Long>) arguments[1];
              real.clientNumber((UUID) arguments[0], answer);
            });
            return null;
          });
    }

    void goOn() {
      new ArrayList<>(waiting).forEach(Runnable::run);
    }
  }
}
