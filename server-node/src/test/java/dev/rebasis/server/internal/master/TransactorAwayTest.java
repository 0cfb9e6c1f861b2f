package dev.rebasis.server.internal.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import datomic.Connection;
import datomic.ListenableFuture;
import datomic.Peer;
import datomic.Util;
import dev.rebasis.executor.InlineExecutor;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * Goal: a transactor or a storage that cannot be reached for a while is told of, and nothing else comes of it. Method: a connection of
 * the test's before Datomic's own, which does not answer while the test says so.
 */
class TransactorAwayTest {
  private final String uri = MasterFixture.newUri();

  /** A future as Datomic gives one. */
  static Object datomics(CompletableFuture<Object> future) {
    return Proxy.newProxyInstance(ListenableFuture.class.getClassLoader(), new Class<?>[] {ListenableFuture.class},
        (proxy, method, args) -> {
          try {
            return Future.class.getMethod(method.getName(), method.getParameterTypes()).invoke(future, args);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }

  /** What Datomic gives for a transactor that cannot be reached. */
  private static Object unanswered() {
    return datomics(CompletableFuture.failedFuture(new IOException("connection refused")));
  }

  @Test
  void aTransactorThatDoesNotAnswerIsToldOfUntilItDoes() {
    Peer.createDatabase(uri);
    Connection real = Peer.connect(uri);
    AtomicBoolean away = new AtomicBoolean();
    Connection connection = (Connection) Proxy.newProxyInstance(Connection.class.getClassLoader(),
        new Class<?>[] {Connection.class}, (proxy, method, args) -> {
          boolean isAsked = method.getName().equals("sync") || method.getName().equals("transact");
          return away.get() && isAsked ? unanswered() : method.invoke(real, args);
        });
    InlineExecutor inline = new InlineExecutor();
    try (MasterFixture node = MasterFixture.datomic(uri, inline, inline, connection)) {
      DatomicMaster master = (DatomicMaster) node.master;
      master.probe();
      assertThat(master.stats().unreachable()).isNull();
      away.set(true);
      master.probe();
      assertThat(master.stats().unreachable()).hasMessageContaining("transactor does not answer");
      assertThatThrownBy(() -> node.transact(MasterFixture.SCHEMA)).hasMessageContaining("transactor does not answer");
      away.set(false);
      master.probe();
      assertThat(master.stats().unreachable()).isNull();
      node.transact(MasterFixture.SCHEMA);
    }
  }

  @Test
  void storageThatCannotBeReadForAMomentIsNoFault() throws Exception {
    Peer.createDatabase(uri);
    Connection real = Peer.connect(uri);
    AtomicReference<Exception> fault = new AtomicReference<>();
    Connection connection = (Connection) Proxy.newProxyInstance(Connection.class.getClassLoader(),
        new Class<?>[] {Connection.class}, (proxy, method, args) -> {
          if (method.getName().equals("log") && fault.get() != null) {
            throw fault.get();
          }
          return method.invoke(real, args);
        });
    InlineExecutor inline = new InlineExecutor();
    try (MasterFixture node = MasterFixture.datomic(uri, inline, inline, connection)) {
      DatomicMaster master = (DatomicMaster) node.master;
      real.transact(List.of(Util.map(Util.read(":db/ident"), Util.read(":others/wrote")))).get();
      long t = master.forcedT();
      fault.set(new IllegalStateException("segment", new IOException("connection reset")));
      master.lookAgain();
      master.excisions().look();
      assertThat(master.stats().unreachable()).hasMessageContaining("connection reset");
      MasterFixture.Result<Long> caughtUp = new MasterFixture.Result<>();
      master.catchUp(caughtUp);
      assertThat(caughtUp.refused.code()).hasToString(":rebasis.error/transactor-unavailable");
      assertThat(master.forcedT()).isEqualTo(t);

      fault.set(new IllegalStateException("a fault of ours"));
      assertThatThrownBy(master::lookAgain).hasMessage("a fault of ours");
      fault.set(null);
      master.lookAgain();
      assertThat(master.forcedT()).isGreaterThan(t);
      node.transact(MasterFixture.SCHEMA);
      assertThat(master.stats().unreachable()).isNull();
    }
  }
}
