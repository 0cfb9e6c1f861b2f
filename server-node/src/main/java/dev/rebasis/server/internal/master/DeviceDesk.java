package dev.rebasis.server.internal.master;

import datomic.Database;
import datomic.Datom;
import datomic.Entity;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.RebasisSchema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What an operator does about clients' devices: lists them, revokes one, and takes up what is parked of a lost one.
 * Confined to the core, like the master.
 */
public final class DeviceDesk {
  private static final Keyword PARKED = OutcomeKind.PARKED.ident();

  private final Master master;

  /** On this master. */
  public DeviceDesk(Master master) {
    this.master = master;
  }

  /**
   * A client's store.
   *
   * @param number the client's number
   * @param store the store's id
   * @param revoked whether it is let in no more
   * @param parked how many of its transactions are parked and not settled by an operator
   */
  public record Device(long number, UUID store, boolean revoked, int parked) {}

  /**
   * A parked transaction.
   *
   * @param id its id
   * @param client the number of the client that pushed it
   * @param user who made it, or null
   * @param t where its parking is recorded
   * @param seq the client's own count
   * @param reason why, as a code
   * @param message why, in words
   * @param forms what was pushed, EDN of a map; null if it was parked by an earlier version, which did not keep it
   * @param settled what an operator did about it, or null
   */
  public record Parked(UUID id, long client, String user, long t, long seq, Keyword reason, String message, String forms,
      Keyword settled) {}

  /** All devices, by number. */
  public List<Device> devices() {
    Database database = master.database();
    Map<Long, Integer> parked = new HashMap<>();
    parked(0).stream().filter(one -> one.settled() == null).forEach(one -> parked.merge(one.client(), 1, Integer::sum));
    List<Device> devices = new ArrayList<>();
    for (Datom datom : database.datoms(Database.AEVT, RebasisSchema.CLIENT_NUMBER.toString())) {
      Entity entity = database.entity(datom.e());
      long number = (Long) datom.v();
      devices.add(new Device(number, (UUID) entity.get(RebasisSchema.CLIENT_STORE.toString()),
          Boolean.TRUE.equals(entity.get(RebasisSchema.CLIENT_REVOKED.toString())), parked.getOrDefault(number, 0)));
    }
    devices.sort(Comparator.comparingLong(Device::number));
    return devices;
  }

  /** What is parked of a client, or of all if the number is 0, by T. */
  public List<Parked> parked(long client) {
    Database database = master.database();
    List<Parked> parked = new ArrayList<>();
    for (Datom datom : database.datoms(Database.AEVT, RebasisSchema.TX_OUTCOME.toString())) {
      Entity record = database.entity(datom.e());
      if (PARKED.equals(DatomicValues.keyword((clojure.lang.Keyword) datom.v()))
          && (client == 0 || Long.valueOf(client).equals(record.get(RebasisSchema.TX_CLIENT.toString())))) {
        parked.add(parked((Long) datom.e(), record));
      }
    }
    parked.sort(Comparator.comparingLong(Parked::t));
    return parked;
  }

  private static Parked parked(long tx, Entity record) {
    return new Parked((UUID) record.get(RebasisSchema.TX_ID.toString()), (Long) record.get(RebasisSchema.TX_CLIENT.toString()),
        (String) record.get(RebasisSchema.TX_USER.toString()), EntityIds.tOf(tx),
        (Long) record.get(RebasisSchema.TX_SEQ.toString()), keyword(record, RebasisSchema.TX_REASON),
        (String) record.get(RebasisSchema.TX_MESSAGE.toString()), (String) record.get(RebasisSchema.TX_FORMS.toString()),
        keyword(record, RebasisSchema.TX_SETTLED));
  }

  private static Keyword keyword(Entity record, Keyword attribute) {
    Object value = record.get(attribute.toString());
    return value == null ? null : DatomicValues.keyword((clojure.lang.Keyword) value);
  }

  /** Lets a device in no more, or again. */
  public void setRevoked(long number, boolean revoked, Master.Answer<Master.Transacted> answer) {
    if (devices().stream().noneMatch(device -> device.number() == number)) {
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
  private Parked open(UUID id, Master.Answer<?> answer) {
    for (Parked one : parked(0)) {
      if (one.id().equals(id) && one.settled() == null) {
        return one;
      }
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
    Parked parked = open(id, answer);
    if (parked == null) {
      return;
    }
    if (parked.forms() == null) {
      answer.refused(unknown("What was pushed of the transaction " + id + " is not known, since an earlier version parked it."));
      return;
    }
    // A client number of its own: its local numbers must not meet those of another.
    master.clientNumber(master.newId(), new Master.Answer<>() {
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

  private void push(Parked parked, Intent intent, long number, Access operator, Master.Answer<PushOutcome> answer) {
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
