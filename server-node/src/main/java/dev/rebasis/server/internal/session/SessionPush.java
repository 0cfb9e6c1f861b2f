package dev.rebasis.server.internal.session;

import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.server.internal.master.Access;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.master.PushLine;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** One push message of a session on its way through the master. Confined to the core. */
final class SessionPush implements Master.Push {
  /** Where the decisions go. */
  interface Answers {
    void decided(List<PushOutcome> outcomes);

    /** The rest, so many transactions, was refused as a whole. */
    void refused(int open, RebasisException reason);
  }

  private final Message.Push message;
  private final long client;
  private final Access access;
  private final PushLine line;
  private final UUID token;
  private final UUID formerToken;
  private final Answers answers;
  private int open;

  SessionPush(Message.Push message, long client, Access access, PushLine line, UUID token, UUID formerToken, Answers answers) {
    this.message = message;
    this.client = client;
    this.access = access;
    this.line = line;
    this.token = token;
    this.formerToken = formerToken;
    this.answers = answers;
    this.open = message.intents().size();
  }

  @Override
  public long client() {
    return client;
  }

  @Override
  public String user() {
    return access.userName();
  }

  @Override
  public Access access() {
    return access;
  }

  @Override
  public List<Intent> intents() {
    return message.intents();
  }

  @Override
  public Map<Long, Long> known() {
    return message.known();
  }

  @Override
  public PushLine line() {
    return line;
  }

  @Override
  public UUID token() {
    return token;
  }

  @Override
  public UUID formerToken() {
    return formerToken;
  }

  @Override
  public void decided(List<PushOutcome> outcomes) {
    open -= outcomes.size();
    answers.decided(outcomes);
  }

  @Override
  public void refused(RebasisException reason) {
    answers.refused(open, reason);
  }
}
