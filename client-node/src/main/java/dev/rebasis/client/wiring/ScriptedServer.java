package dev.rebasis.client.wiring;

import dev.rebasis.client.internal.core.Subprotocols;
import dev.rebasis.client.internal.core.Transport;
import dev.rebasis.data.Bootstrap;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.RebasisSchema;
import dev.rebasis.protocol.codec.WireCodec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * What the {@link WarmUp} talks to: entities with a key and a number, others who change the numbers, and a yes to
 * whatever is pushed, as bytes of the protocol. It decides nothing. Confined to one thread.
 */
final class ScriptedServer implements Transport {
  static final Keyword KEY = Keyword.of(":warm/key");
  static final Keyword COUNT = Keyword.of(":warm/count");

  private static final int ENTITIES = 300;
  private static final long CLIENT = 1;
  private static final long OTHER = 2;
  private static final long FIRST_ENTITY = (4L << 42) + 1_000_000;
  private static final long FIRST_ATTRIBUTE = 72;
  private static final int TRANSACTIONS_PER_MESSAGE = 100;

  private final WireCodec codec = WireCodec.cbor(Limits.server());
  private final UUID database = UUID.randomUUID();
  private final List<Keyword> attributes = List.of(KEY, COUNT, RebasisSchema.TX_ID, RebasisSchema.TX_CLIENT,
      RebasisSchema.TX_SEQ, RebasisSchema.TX_BASIS, RebasisSchema.TX_MADE_AT);
  private final List<Transaction> log = new ArrayList<>();
  private final long[] counts = new long[ENTITIES];
  private long t = 1_000;

  ScriptedServer() {
    schema(List.of(":db.type/string", ":db.type/long", ":db.type/uuid", ":db.type/long", ":db.type/long",
        ":db.type/long", ":db.type/instant"));
    List<Datom> datoms = new ArrayList<>();
    for (int i = 0; i < ENTITIES; i++) {
      datoms.add(fact(FIRST_ENTITY + i, id(KEY), key(i), true));
      datoms.add(fact(FIRST_ENTITY + i, id(COUNT), 0L, true));
    }
    commit(UUID.randomUUID(), OTHER, datoms);
  }

  static String key(int number) {
    return "key " + number;
  }

  /** Others change two numbers in three, in a transaction each. */
  void othersEdit() {
    for (int i = 0; i < ENTITIES; i++) {
      if (i % 3 != 0) {
        commit(UUID.randomUUID(), OTHER, change(i, counts[i] + 1_000));
      }
    }
  }

  // ---- the database

  private void schema(List<String> types) {
    List<Datom> datoms = new ArrayList<>();
    for (int i = 0; i < attributes.size(); i++) {
      long a = FIRST_ATTRIBUTE + i;
      datoms.add(fact(a, SystemIds.DB_IDENT, attributes.get(i), true));
      datoms.add(fact(a, SystemIds.DB_VALUE_TYPE, Bootstrap.schema().entid(Keyword.of(types.get(i))), true));
      datoms.add(fact(a, SystemIds.DB_CARDINALITY, SystemIds.CARDINALITY_ONE, true));
      datoms.add(fact(SystemIds.DB_PART_DB, SystemIds.DB_INSTALL_ATTRIBUTE, a, true));
    }
    datoms.add(fact(id(KEY), SystemIds.DB_UNIQUE, SystemIds.UNIQUE_IDENTITY, true));
    datoms.add(fact(id(RebasisSchema.TX_ID), SystemIds.DB_UNIQUE, SystemIds.UNIQUE_VALUE, true));
    commit(null, 0, datoms);
  }

  private long id(Keyword attribute) {
    return FIRST_ATTRIBUTE + attributes.indexOf(attribute);
  }

  private Datom fact(long e, long a, Object v, boolean added) {
    return new Datom(e, a, v, EntityIds.txOf(t), added);
  }

  private List<Datom> change(int entity, long count) {
    List<Datom> datoms = new ArrayList<>();
    if (counts[entity] != count) {
      datoms.add(fact(FIRST_ENTITY + entity, id(COUNT), counts[entity], false));
      datoms.add(fact(FIRST_ENTITY + entity, id(COUNT), count, true));
      counts[entity] = count;
    }
    return datoms;
  }

  private void commit(UUID id, long client, List<Datom> changes) {
    long tx = EntityIds.txOf(t);
    List<Datom> datoms = new ArrayList<>(changes);
    datoms.add(fact(tx, SystemIds.DB_TX_INSTANT, Instant.EPOCH.plusMillis(t), true));
    if (id != null) {
      datoms.add(fact(tx, id(RebasisSchema.TX_ID), id, true));
      datoms.add(fact(tx, id(RebasisSchema.TX_CLIENT), client, true));
      datoms.add(fact(tx, id(RebasisSchema.TX_SEQ), t, true));
      datoms.add(fact(tx, id(RebasisSchema.TX_BASIS), t - 1, true));
      datoms.add(fact(tx, id(RebasisSchema.TX_MADE_AT), Instant.EPOCH, true));
    }
    log.add(new Transaction(t, datoms));
    t++;
  }

  // ---- the protocol

  @Override
  public Link open(Listener listener) {
    listener.opened(Subprotocols.CBOR);
    return new Link() {
      private boolean closed;

      @Override
      public void send(byte[] bytes) {
        Message message = codec.decode(bytes);
        if (closed) {
          return;
        }
        if (message instanceof Message.Hello hello) {
          say(listener, new Message.Welcome(ProtocolVersion.CURRENT, Set.of(), database, CLIENT, t - 1));
          stream(listener, hello.t());
        } else if (message instanceof Message.Push push) {
          push(listener, push.intents());
        }
      }

      @Override
      public void close(String reason) {
        closed = true;
      }
    };
  }

  private void stream(Listener listener, long afterT) {
    List<Transaction> rest = log.stream().filter(transaction -> transaction.t() > afterT).toList();
    long follows = afterT;
    for (int from = 0; from < rest.size(); from += TRANSACTIONS_PER_MESSAGE) {
      List<Transaction> some = rest.subList(from, Math.min(rest.size(), from + TRANSACTIONS_PER_MESSAGE));
      say(listener, new Message.Transactions(follows, some, t - 1));
      follows = some.get(some.size() - 1).t();
    }
  }

  /** Commits what the forms say of numbers; the rest of an intent counts for nothing here. */
  private void push(Listener listener, List<Intent> intents) {
    long before = t - 1;
    List<PushOutcome> outcomes = new ArrayList<>();
    for (Intent intent : intents) {
      List<Datom> datoms = new ArrayList<>();
      for (Object form : intent.forms()) {
        if (form instanceof Map<?, ?> map && map.get(KEY) instanceof String key && map.get(COUNT) instanceof Long count) {
          datoms.addAll(change(Integer.parseInt(key.substring(key.indexOf(' ') + 1)), count));
        }
      }
      outcomes.add(new PushOutcome(intent.id(), OutcomeKind.ACCEPTED, false, t, Map.of(), null, null));
      commit(intent.id(), CLIENT, datoms);
    }
    stream(listener, before);
    say(listener, new Message.Outcomes(outcomes));
  }

  private void say(Listener listener, Message.FromServer message) {
    listener.received(codec.encode((Message) message));
  }
}
