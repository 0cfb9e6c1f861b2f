package dev.rebasis.server.internal.session;

import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Fork;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolException;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.server.internal.master.DeviceLists;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.master.StoreTokens;
import java.util.List;
import java.util.UUID;

/**
 * What is between a session's hello and its welcome: version and lineage are judged, the store gets its number and its
 * token. Confined to the core; it ends when the session ends.
 */
final class Greeting {
  private final ClientSession session;
  private final ServerMachine machine;
  private final Message.Hello hello;
  private Admission admission;
  private RebasisException refusal;
  private int version;
  private UUID newToken;
  private UUID token;
  private UUID formerToken;

  Greeting(ClientSession session, ServerMachine machine, Message.Hello hello) {
    this.session = session;
    this.machine = machine;
    this.hello = hello;
    Master master = machine.master();
    try {
      version = ProtocolVersion.agree(hello.version());
    } catch (ProtocolException e) {
      refusal = e;
      return;
    }
    if (hello.version() < machine.limits().protocolMin()) {
      refusal = SessionErrors.protocolTooOld(hello.version(), machine.limits().protocolMin());
      return;
    }
    if (DeviceLists.isDesk(hello.store())) {
      refusal = SessionErrors.reservedStore();
      return;
    }
    if (hello.database() != null && !hello.database().equals(master.databaseId())) {
      refusal = SessionErrors.otherDatabase(hello.database(), master.databaseId());
      return;
    }
    admission = new Admission(master, hello, version);
    refusal = admission.refusal();
  }

  /** Why there will be no session, as far as the hello tells; null to go on. */
  RebasisException refusal() {
    return refusal;
  }

  /** Asks for the store's number; ends in {@link ClientSession#welcome} or {@link ClientSession#fail}. */
  void begin() {
    RebasisException no = machine.refusalOfNew(hello.store(), session.userName());
    if (no != null) {
      session.fail(no);
      return;
    }
    machine.master().clientNumber(hello.store(), new Master.Answer<>() {
      @Override
      public void done(Long number) {
        admit(number);
      }

      @Override
      public void refused(RebasisException reason) {
        session.fail(reason);
      }
    });
  }

  private void admit(long number) {
    if (!session.isRegistering()) {
      return;
    }
    session.numbered(number);
    if (!session.isRegistering()) {
      return;
    }
    Admission.Token judged = admission.token(number);
    if (judged instanceof Admission.Token.None) {
      session.fail(SessionErrors.withoutTokens(number));
    } else if (judged instanceof Admission.Token.Given given) {
      machine.replaceOthers(session, hello.store());
      newToken = given.token();
      token = StoreTokens.hash(newToken);
      formerToken = given.former();
      if (given.now()) {
        keepToken(number);
      } else {
        session.welcome(this);
      }
    } else {
      session.fail(StoreTokens.copied(number));
    }
  }

  private void keepToken(long number) {
    machine.master().setToken(number, token, new Master.Answer<>() {
      @Override
      public void done(UUID hash) {
        if (session.isRegistering()) {
          session.welcome(Greeting.this);
        }
      }

      @Override
      public void refused(RebasisException reason) {
        session.fail(reason);
      }
    });
  }

  Message.Hello hello() {
    return hello;
  }

  /** The version of the session. */
  int version() {
    return version;
  }

  /** What the client is told to name next time; null for clients that have no tokens. */
  UUID newToken() {
    return newToken;
  }

  /** Hash of the session's token, or null. */
  UUID token() {
    return token;
  }

  /** Hash of the token under which the store pushed last, or null. */
  UUID formerToken() {
    return formerToken;
  }

  /** Whether the store holds what was confirmed past a fork that it does not know of. */
  boolean isPastFork() {
    return admission.isPastFork();
  }

  /** All forks of the database. */
  List<Fork> forks() {
    return admission.forks();
  }
}
