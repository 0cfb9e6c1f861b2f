package dev.rebasis.server.internal.session;

import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.PushOutcome;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * What is logged of a session: that it began, why it was refused or ended, and what became of what it pushed. Each line carries
 * {@code client}, {@code user} and {@code store} as far as they are known, and {@code tx}, {@code code} and {@code t} where they
 * apply, as key-value pairs, so that a collector can search by them; the database is in the thread's MDC. Confined.
 */
final class SessionLog {
  private static final Logger LOG = LoggerFactory.getLogger(SessionLog.class);

  private final ClientSession session;

  SessionLog(ClientSession session) {
    this.session = session;
  }

  /** The client was welcomed. */
  void began(long heldT, long basisT) {
    at(Level.INFO).addKeyValue("t", basisT).log("A client has connected; it holds T {}.", heldT);
  }

  /** The session is over, or never began. */
  void failed(RebasisException reason) {
    // That one comes back later is everyday; a revoked device, a malformed message or a fork is worth a look.
    at(reason.category() == ErrorCategory.RETRY_LATER ? Level.INFO : Level.WARN).addKeyValue("code", reason.code())
        .log("A session is refused or ended: {}", reason.getMessage());
  }

  /** The client left, or its connection broke. */
  void ended(String why) {
    at(Level.INFO).log("A session has ended: {}", why);
  }

  /** Something that was pushed was decided. */
  void decided(PushOutcome outcome) {
    boolean isNews = !outcome.duplicate() && !outcome.kind().isCommitted();
    Level level = isNews ? Level.INFO : Level.DEBUG;
    if (!LOG.isEnabledForLevel(level)) {
      return;
    }
    LoggingEventBuilder line = at(level).addKeyValue("tx", outcome.id()).addKeyValue("t", outcome.t());
    if (outcome.code() != null) {
      line = line.addKeyValue("code", outcome.code());
    }
    line.log("A pushed transaction is {}{}.", name(outcome.kind()),
        outcome.message() == null ? "" : ": " + outcome.message().replaceAll("\\.$", ""));
  }

  private static String name(OutcomeKind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private LoggingEventBuilder at(Level level) {
    LoggingEventBuilder line = LOG.atLevel(level);
    if (!LOG.isEnabledForLevel(level)) {
      return line;
    }
    if (session.client() != 0) {
      line = line.addKeyValue("client", session.client());
    }
    if (session.userName() != null) {
      line = line.addKeyValue("user", session.userName());
    }
    return session.store() == null ? line : line.addKeyValue("store", session.store());
  }
}
