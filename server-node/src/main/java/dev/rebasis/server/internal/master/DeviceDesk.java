package dev.rebasis.server.internal.master;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.RebasisSchema;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What an operator does about clients' devices: revokes one, and takes up what is parked of a lost one. {@link DeviceLists}
 * tells which there are.
 * Confined to the core, like the master.
 */
public final class DeviceDesk {
  private final Master master;

  /** On this master. */
  public DeviceDesk(Master master) {
    this.master = master;
  }

  /** Lets a device in no more, or again. */
  public void setRevoked(long number, boolean revoked, Master.Answer<Master.Transacted> answer) {
    if (!DeviceLists.exists(master.database(), number)) {
      answer.refused(unknown("There is no device with the number " + number + "."));
      return;
    }
    master.transact(List.of(List.of(Names.DB_ADD, List.of(RebasisSchema.CLIENT_NUMBER, number),
        RebasisSchema.CLIENT_REVOKED, revoked)), answer);
  }

  /** Gives a parked transaction up. */
  public void discard(UUID id, Master.Answer<Master.Transacted> answer) {
    if (open(id, answer) != null) {
      settle(id, ":discarded", answer);
    }
  }

  private void settle(UUID id, String how, Master.Answer<Master.Transacted> answer) {
    master.transact(List.of(List.of(Names.DB_ADD, List.of(RebasisSchema.TX_ID, id), RebasisSchema.TX_SETTLED,
        Keyword.of(how))), answer);
  }

  /** The parked transaction if it waits for somebody; else null, and the answer is given. */
  private DeviceLists.Parked open(UUID id, Master.Answer<?> answer) {
    DeviceLists.Parked one = DeviceLists.parked(master.database(), id);
    if (one != null && one.settled() == null) {
      return one;
    }
    answer.refused(unknown("No transaction " + id + " is parked and unsettled."));
    return null;
  }

  /**
   * Decides a parked transaction again on the database of now, as one of the operator's own that takes it up.
   *
   * @param now the time
   * @param operator who does it, by the rules that hold for the operator
   */
  public void retry(UUID id, Instant now, Access operator, Master.Answer<PushOutcome> answer) {
    DeviceLists.Parked parked = open(id, answer);
    if (parked == null) {
      return;
    }
    if (parked.forms() == null) {
      answer.refused(unknown("What was pushed of the transaction " + id + " is not known, since an earlier version parked it."));
      return;
    }
    // A client number of its own: its local numbers must not meet those of another.
    master.clientNumber(DeviceLists.deskStore(master.newId()), new Master.Answer<>() {
      @Override
      public void done(Long number) {
        Intent intent = ParkedForms.read(parked.forms(), master.newId(), master.forcedT(), now, id);
        push(parked, intent, number, operator, answer);
      }

      @Override
      public void refused(RebasisException reason) {
        answer.refused(reason);
      }
    });
  }

  private void push(DeviceLists.Parked parked, Intent intent, long number, Access operator,
      Master.Answer<PushOutcome> answer) {
    Map<Long, Long> known = new LinkedHashMap<>();
    collect(intent.forms(), parked.client(), known);
    intent.tempids().values().forEach(known::remove);
    master.push(new Master.Push() {
      @Override
      public long client() {
        return number;
      }

      @Override
      public String user() {
        return operator.userName();
      }

      @Override
      public Access access() {
        return operator.takingUp();
      }

      @Override
      public List<Intent> intents() {
        return List.of(intent);
      }

      @Override
      public Map<Long, Long> known() {
        return known;
      }

      @Override
      public void decided(List<PushOutcome> outcomes) {
        PushOutcome outcome = outcomes.get(0);
        if (!outcome.kind().isCommitted()) {
          answer.done(outcome);
          return;
        }
        settle(parked.id(), ":retried", new Master.Answer<>() {
          @Override
          public void done(Master.Transacted noted) {
            answer.done(outcome);
          }

          @Override
          public void refused(RebasisException reason) {
            answer.refused(reason);
          }
        });
      }

      @Override
      public void refused(RebasisException reason) {
        answer.refused(reason);
      }
    });
  }

  /** What the lost client's local ids stand for. */
  private void collect(Object form, long client, Map<Long, Long> known) {
    if (form instanceof Long id && id < 0) {
      Long entity = MadeIndex.look(master.database(), client, -id);
      if (entity != null) {
        known.put(-id, entity);
      }
    } else if (form instanceof Map<?, ?> map) {
      map.forEach((key, value) -> {
        collect(key, client, known);
        collect(value, client, known);
      });
    } else if (form instanceof Iterable<?> elements) {
      elements.forEach(element -> collect(element, client, known));
    }
  }

  private static RebasisException unknown(String why) {
    return new RebasisException(Keyword.of(":rebasis.error/unknown-device"), ErrorCategory.FIX_REQUEST,
        why + " Look at the lists of devices and of what is parked.");
  }
}
