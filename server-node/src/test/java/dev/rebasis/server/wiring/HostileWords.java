package dev.rebasis.server.wiring;

import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ScopeSpec;
import dev.rebasis.protocol.Terms;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/**
 * Valid messages of random content, made of everything that an attacker may have heard of: ids of what is hidden, attributes in every
 * spelling, local ids of others, ids of transactions, and what was learnt from answers. Confined to one session.
 */
final class HostileWords {
  private static final String[] ATTRIBUTES = {":order/number", ":order/code", ":order/owner", ":order/quantity", ":order/note",
      ":order/next", ":order/lines", ":order/margin", ":order/auditor", ":db/ident", ":db/excise", ":db/unique", ":db/doc",
      ":rebasis.tx/message", ":rebasis.tx/made", ":rebasis.client/token", ":rebasis/excised", ":order/none"};
  private static final String[] SCOPES = {"[:find ?o :where [?o :order/owner]]", "[:find ?o :where [?o :order/margin]]",
      "[:find ?o :where [?o :order/quantity ?q] [(> ?q 1000)]]", "[:find ?o :where [_ :order/next ?o]]",
      "[:find ?o :where [?o :order/owner \"mallory\"] [_ :order/margin ?m] [(> ?m \"p\")]]", "[:find ?t :where [?t :rebasis.tx/message]]",
      "[:find ?o :where [?o ?a ?v]]", "[:find ?o :where [?o :order/owner \"mallory\"] [?c :rebasis.conflict/remote]]",
      "[:find ?o :where [?a :order/owner] [?b :order/owner] [?o :order/next]]"};

  private final Random random;
  private final List<Long> ids = new ArrayList<>();
  private final List<UUID> transactions = new ArrayList<>();
  private final Map<String, Long> attributeIds = new HashMap<>();
  private final UUID own;
  private long seq;
  private long store;

  HostileWords(Random random, datomic.Database db, Set<Long> secret, UUID own) {
    this.random = random;
    this.own = own;
    this.store = own.getLeastSignificantBits() & 0xFFFF_FFFFL;
    ids.addAll(secret);
    for (String attribute : ATTRIBUTES) {
      if (db.entid(datomic.Util.read(attribute)) instanceof Long id) {
        attributeIds.put(attribute, id);
        ids.add(id);
      }
    }
    db.datoms(datomic.Database.AEVT, ":order/owner").forEach(datom -> ids.add((Long) datom.e()));
    db.datoms(datomic.Database.AEVT, ":rebasis.client/number").forEach(datom -> ids.add((Long) datom.e()));
    db.datoms(datomic.Database.AEVT, ":rebasis.tx/id").forEach(datom -> {
      ids.add((Long) datom.e());
      transactions.add((UUID) datom.v());
    });
    ids.addAll(List.of(0L, 1L, Long.MAX_VALUE, 17592186099999L));
    transactions.add(own);
  }

  /** Learns ids from an answer. */
  void hears(Message answer) {
    if (answer instanceof Message.Outcomes outcomes) {
      outcomes.outcomes().forEach(outcome -> {
        ids.addAll(outcome.made().values());
        transactions.add(outcome.id());
      });
    }
  }

  /** A store that nobody had. */
  long freshStore() {
    seq = 0;
    return ++store;
  }

  private <T> T oneOf(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  List<ScopeSpec> scopes() {
    if (random.nextInt(3) > 0) {
      return null;
    }
    List<ScopeSpec> scopes = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      scopes.add(new ScopeSpec("s" + i, Edn.read(SCOPES[random.nextInt(SCOPES.length)]), List.of(), random.nextBoolean() ? null
          : (List<?>) Edn.read("[* {:order/_next [*]} {:order/auditor [*]} {:order/next [* {:order/lines [*]}]}]")));
    }
    return scopes;
  }

  /** Any message that a client may send in a session. */
  Message.FromClient message(long t) {
    return switch (random.nextInt(12)) {
      case 0 -> {
        List<ScopeSpec> scopes = scopes();
        yield new Message.Scope(1 + random.nextInt(9), scopes == null ? List.of() : scopes);
      }
      case 1 -> new Message.PullCredit(1 + random.nextInt(1_000));
      case 2 -> new Message.Verify(1 + random.nextInt(9), random.nextInt((int) t + 9), List.of());
      default -> push(t);
    };
  }

  private Message.Push push(long t) {
    List<Intent> intents = new ArrayList<>();
    int size = random.nextInt(3) == 0 ? 2 + random.nextInt(2) : 1;
    UUID group = new UUID(random.nextLong(), 1);
    for (int i = 0; i < size; i++) {
      Terms terms = terms(t);
      intents.add(intent(t, size > 1 ? terms.withGroup(new Terms.Group(group, size, i)) : terms));
    }
    Map<Long, Long> known = new HashMap<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      known.put(1L + random.nextInt(40), oneOf(ids));
    }
    return new Message.Push(intents, known);
  }

  private Terms terms(long t) {
    return switch (random.nextInt(10)) {
      case 0 -> Terms.NONE.retrying(oneOf(transactions));
      case 1 -> Terms.NONE.withAfter(List.of(oneOf(transactions)));
      case 2 -> Terms.NONE.undoing(oneOf(transactions));
      case 3 -> Terms.NONE.withPremises(List.of(new Terms.Premise(
          Edn.read(SCOPES[random.nextInt(SCOPES.length)]), List.of(), "x")));
      case 4 -> Terms.NONE.withSeen(List.of(new Terms.Seen(oneOf(ids), keyword(), List.of(value()))));
      default -> Terms.NONE;
    };
  }

  private Intent intent(long t, Terms terms) {
    seq++;
    Map<String, Long> tempids = new LinkedHashMap<>();
    tempids.put(Intent.TX_TEMPID, seq * 10);
    tempids.put("x", seq * 10 + 1);
    tempids.put("y", seq * 10 + 2);
    List<Object> forms = new ArrayList<>();
    if (random.nextBoolean()) {
      forms.add(harmless());
    } else {
      for (int i = random.nextInt(3); i >= 0; i--) {
        forms.add(form());
      }
    }
    return new Intent(random.nextInt(15) == 0 ? oneOf(transactions) : new UUID(own.getMostSignificantBits(), store << 20 | seq),
        random.nextInt(20) == 0 ? 1 : seq, Math.max(0, t - random.nextInt(12)), Instant.EPOCH, forms, tempids, terms);
  }

  private Keyword keyword() {
    return Keyword.of(ATTRIBUTES[random.nextInt(ATTRIBUTES.length)]);
  }

  /** Mostly what may be written, so that much comes through. */
  private Object attribute() {
    String name = random.nextBoolean() ? ATTRIBUTES[2 + random.nextInt(3)] : ATTRIBUTES[random.nextInt(ATTRIBUTES.length)];
    long id = attributeIds.getOrDefault(name, 5L);
    return switch (random.nextInt(12)) {
      case 0 -> name;
      case 1 -> id;
      case 2 -> BigInteger.valueOf(id);
      case 3 -> -(1L + random.nextInt(40));
      default -> Keyword.of(name);
    };
  }

  private Object entity() {
    return switch (random.nextInt(9)) {
      case 0, 1 -> "x";
      case 2 -> "y";
      case 3 -> -(1L + random.nextInt(40));
      case 4 -> Arrays.asList(attribute(), value());
      case 5 -> List.of(Keyword.of(":order/number"), random.nextBoolean() ? "M1" : "M2");
      case 6 -> Intent.TX_TEMPID;
      default -> oneOf(ids);
    };
  }

  private Object value() {
    return switch (random.nextInt(9)) {
      case 0 -> "mallory";
      case 1 -> "word " + random.nextInt(20);
      case 2 -> (long) random.nextInt(5);
      case 3 -> oneOf(ids);
      case 4 -> entity();
      case 5 -> keyword();
      case 6 -> List.of("a", 1L);
      case 7 -> Map.of(Keyword.of(":order/note"), "nested");
      default -> "bob";
    };
  }

  /** What is allowed, so that there is something of the attacker's own to build on. */
  private Object harmless() {
    Object own = random.nextBoolean() ? "x" : List.of(Keyword.of(":order/number"), "M2");
    return switch (random.nextInt(3)) {
      case 0 -> Map.of(Keyword.of(":db/id"), "x", Keyword.of(":order/owner"), "mallory", Keyword.of(":order/note"), "mine");
      case 1 -> List.of(Keyword.of(":db/add"), own, Keyword.of(":order/quantity"), (long) random.nextInt(5));
      default -> List.of(Keyword.of(":db/add"), own, Keyword.of(":order/note"), "word " + random.nextInt(20));
    };
  }

  private Object form() {
    return switch (random.nextInt(10)) {
      case 0 -> List.of(Keyword.of(":db/retractEntity"), entity());
      case 1 -> Arrays.asList(Keyword.of(":db/cas"), entity(), attribute(), random.nextBoolean() ? null : value(), value());
      case 2 -> Arrays.asList(Keyword.of(":db/retract"), entity(), attribute(), value());
      case 3 -> List.of(Keyword.of(":db/retract"), entity(), attribute());
      case 4, 5 -> {
        Map<Object, Object> map = new LinkedHashMap<>();
        map.put(Keyword.of(":db/id"), entity());
        map.put(attribute(), value());
        map.put(attribute(), value());
        yield map;
      }
      case 6 -> List.of(Keyword.of(":no/function"), value());
      case 7 -> Arrays.asList(Keyword.of(":db/add"), entity(), Keyword.of(":order/owner"), "mallory");
      default -> Arrays.asList(Keyword.of(":db/add"), entity(), attribute(), value());
    };
  }
}
