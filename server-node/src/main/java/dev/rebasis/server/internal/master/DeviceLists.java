package dev.rebasis.server.internal.master;

import datomic.Database;
import datomic.Datom;
import datomic.Entity;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.RebasisSchema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What a database value says about clients' devices. Pure functions of the value, for any thread: they walk over all that was
 * ever pushed, which is not for the core.
 */
public final class DeviceLists {
  private static final Keyword PARKED = OutcomeKind.PARKED.ident();
  /** The first half of the ids of stores that are no client's: {@link DeviceDesk#retry} makes one each time. */
  private static final long DESK = 0x7265_6261_7369_8001L;

  private DeviceLists() {}

  /**
   * A client's store.
   *
   * @param number the client's number
   * @param store the store's id
   * @param user who made the newest transaction that it pushed; null if it pushed none, or without a user
   * @param lastPush when that was decided; null if it pushed none
   * @param revoked whether it is let in no more
   * @param parked how many of its transactions are parked and not settled by an operator
   */
  public record Device(long number, UUID store, String user, Instant lastPush, boolean revoked, int parked) {}

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
   * @param forms what was pushed, EDN of a map; null if it was excised, or parked by an earlier version, which did not keep it
   * @param group what it was made together with, or null
   * @param settled {@code :discarded} by an operator, or {@code :retried} by whomever: committed since, or parked again as
   *     its author's newer one; null if it waits
   */
  public record Parked(UUID id, long client, String user, long t, long seq, Keyword reason, String message, String forms,
      UUID group, Keyword settled) {}

  /** The id of a store that stands for an operator's retry; it is in no list. */
  static UUID deskStore(UUID random) {
    return new UUID(DESK, random.getLeastSignificantBits());
  }

  /** Whether a store's id is one that no client may have. */
  public static boolean isDesk(UUID store) {
    return store.getMostSignificantBits() == DESK;
  }

  /** All devices, by number. */
  public static List<Device> devices(Database database) {
    Map<Long, Integer> parked = new HashMap<>();
    parked(database, 0).stream().filter(one -> one.settled() == null)
        .forEach(one -> parked.merge(one.client(), 1, Integer::sum));
    Map<Long, Long> newest = new HashMap<>();
    for (Datom datom : database.datoms(Database.AEVT, RebasisSchema.TX_CLIENT.toString())) {
      newest.merge((Long) datom.v(), (Long) datom.e(), Math::max);
    }
    List<Device> devices = new ArrayList<>();
    for (Datom datom : database.datoms(Database.AEVT, RebasisSchema.CLIENT_NUMBER.toString())) {
      Entity entity = database.entity(datom.e());
      UUID store = (UUID) entity.get(RebasisSchema.CLIENT_STORE.toString());
      if (store == null || !isDesk(store)) {
        devices.add(device(database, entity, (Long) datom.v(), store, newest, parked));
      }
    }
    devices.sort(Comparator.comparingLong(Device::number));
    return devices;
  }

  private static Device device(Database database, Entity entity, long number, UUID store, Map<Long, Long> newest,
      Map<Long, Integer> parked) {
    Entity last = newest.containsKey(number) ? database.entity(newest.get(number)) : null;
    return new Device(number, store, last == null ? null : (String) last.get(RebasisSchema.TX_USER.toString()),
        last == null ? null : ((Date) last.get(":db/txInstant")).toInstant(),
        Boolean.TRUE.equals(entity.get(RebasisSchema.CLIENT_REVOKED.toString())), parked.getOrDefault(number, 0));
  }

  /** Whether there is a device with a number. */
  static boolean exists(Database database, long number) {
    return database.entid(clojure.lang.Tuple.create(DatomicValues.keyword(RebasisSchema.CLIENT_NUMBER), number)) != null;
  }

  /**
   * What is parked of a client, or of all if the number is 0, by T. An operator's retry that was parked again is not among
   * them: what it took up still waits.
   */
  public static List<Parked> parked(Database database, long client) {
    List<Parked> parked = new ArrayList<>();
    for (Datom datom : database.datoms(Database.AEVT, RebasisSchema.TX_OUTCOME.toString())) {
      if (PARKED.equals(DatomicValues.keyword((clojure.lang.Keyword) datom.v()))) {
        Entity record = database.entity(datom.e());
        Long by = (Long) record.get(RebasisSchema.TX_CLIENT.toString());
        if ((client == 0 || client == by) && !isDesk(database, by)) {
          parked.add(parked(database, (Long) datom.e(), record));
        }
      }
    }
    parked.sort(Comparator.comparingLong(Parked::t));
    return parked;
  }

  /** The parked transaction of a device with an id, null if there is none. Costs a look-up. */
  static Parked parked(Database database, UUID id) {
    Object tx = database.entid(clojure.lang.Tuple.create(DatomicValues.keyword(RebasisSchema.TX_ID), id));
    Entity record = tx == null ? null : database.entity(tx);
    return record == null || !PARKED.equals(RetryChain.keyword(record, RebasisSchema.TX_OUTCOME))
        || isDesk(database, (Long) record.get(RebasisSchema.TX_CLIENT.toString())) ? null
        : parked(database, (Long) tx, record);
  }

  private static Parked parked(Database database, long tx, Entity record) {
    return new Parked((UUID) record.get(RebasisSchema.TX_ID.toString()), (Long) record.get(RebasisSchema.TX_CLIENT.toString()),
        (String) record.get(RebasisSchema.TX_USER.toString()), EntityIds.tOf(tx),
        (Long) record.get(RebasisSchema.TX_SEQ.toString()), RetryChain.keyword(record, RebasisSchema.TX_REASON),
        (String) record.get(RebasisSchema.TX_MESSAGE.toString()), (String) record.get(RebasisSchema.TX_FORMS.toString()),
        (UUID) record.get(RebasisSchema.TX_GROUP.toString()), settled(database, tx));
  }

  private static Keyword settled(Database database, long tx) {
    RetryChain.End end = RetryChain.end(database, tx);
    if (end != null) {
      return end.how();
    }
    for (long newer : RetryChain.members(database, tx)) {
      Entity record = database.entity(newer);
      if (newer != tx && PARKED.equals(RetryChain.keyword(record, RebasisSchema.TX_OUTCOME))
          && !isDesk(database, (Long) record.get(RebasisSchema.TX_CLIENT.toString()))) {
        return RetryChain.RETRIED;
      }
    }
    return null;
  }

  /** Whether a client number is an operator's. */
  static boolean isDesk(Database database, long number) {
    Entity client = database.entity(clojure.lang.Tuple.create(DatomicValues.keyword(RebasisSchema.CLIENT_NUMBER), number));
    return client != null && client.get(RebasisSchema.CLIENT_STORE.toString()) instanceof UUID store && isDesk(store);
  }
}
