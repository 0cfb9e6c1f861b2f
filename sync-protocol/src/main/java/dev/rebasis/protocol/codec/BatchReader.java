package dev.rebasis.protocol.codec;

import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.Terms;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads the messages that come by the thousand: transactions, push, outcomes. Straight from the parser's tokens into the
 * records, since nearly all time of a session goes through here. Confined to one message.
 */
final class BatchReader {
  // More than any T: T has 42 bits.
  private static final long T_UNKNOWN = -1;

  private final JsonParser in;
  private final ValueReader values;

  BatchReader(JsonParser in, ValueReader values) {
    this.in = in;
    this.values = values;
  }

  Message.Transactions transactions() {
    long follows = -1;
    long basisT = -1;
    List<Transaction> transactions = null;
    while (values.next() != JsonToken.END_OBJECT) {
      String name = in.currentName();
      JsonToken token = values.next();
      switch (name) {
        case "follows" -> follows = natural(token, name);
        case "transactions" -> transactions = list(token, name, this::transaction);
        case "basisT" -> basisT = natural(token, name);
        default -> values.skip();
      }
    }
    check(follows >= 0, "transactions", "follows");
    check(transactions != null && !transactions.isEmpty(), "transactions", "transactions");
    check(basisT >= 0, "transactions", "basisT");
    return new Message.Transactions(follows, transactions, basisT);
  }

  private Transaction transaction() {
    long t = T_UNKNOWN;
    List<Datom> datoms = null;
    List<Datom> entered = List.of();
    List<Long> withdrawn = List.of();
    boolean early = false;
    while (values.next() != JsonToken.END_OBJECT) {
      String name = in.currentName();
      JsonToken token = values.next();
      switch (name) {
        case "t" -> t = natural(token, name);
        case "datoms" -> {
          long tx = EntityIds.txOf(t);
          early = t == T_UNKNOWN;
          datoms = list(token, name, () -> datom(tx));
        }
        case "entered" -> entered = list(token, name, this::entered);
        case "withdrawn" -> withdrawn = longs(token, name);
        default -> values.skip();
      }
    }
    check(t >= 0 && EntityIds.tOf(EntityIds.txOf(t)) == t, "a transaction", "t");
    check(datoms != null, "a transaction", "datoms");
    datoms = early ? withTx(datoms, EntityIds.txOf(t)) : datoms;
    if (!entered.isEmpty()) {
      check(!withdrawn.isEmpty(), "a transaction that brings older datoms", "withdrawn");
      List<Datom> all = new ArrayList<>(datoms);
      all.addAll(entered);
      datoms = Collections.unmodifiableList(all);
    }
    return new Transaction(t, datoms, withdrawn);
  }

  Message.ScopeChange scopeChange() {
    long ref = -1;
    Transaction change = null;
    Boolean last = null;
    while (values.next() != JsonToken.END_OBJECT) {
      String name = in.currentName();
      JsonToken token = values.next();
      switch (name) {
        case "ref" -> ref = natural(token, name);
        case "change" -> {
          ValueReader.expect(token, JsonToken.START_OBJECT, "object of a change");
          change = transaction();
        }
        case "last" -> last = values.typed(token, Boolean.class, name);
        default -> values.skip();
      }
    }
    check(ref >= 0, "scope-change", "ref");
    check(change != null, "scope-change", "change");
    check(last != null, "scope-change", "last");
    return new Message.ScopeChange(ref, change, last);
  }

  private Datom entered() {
    long e = values.longValue(values.next(), "the entity of a datom");
    long a = values.longValue(values.next(), "the attribute of a datom");
    Object v = values.value(values.next());
    if (v == null) {
      throw new WireFault("a datom has no value");
    }
    long t = natural(values.next(), "the T of a datom");
    check(EntityIds.tOf(EntityIds.txOf(t)) == t, "a datom", "t");
    ValueReader.expect(values.next(), JsonToken.END_ARRAY, "end of an older datom, which is [e a v t]");
    return new Datom(e, a, v, EntityIds.txOf(t), true);
  }

  private List<Long> longs(JsonToken token, String name) {
    ValueReader.expect(token, JsonToken.START_ARRAY, "array in " + name);
    List<Long> longs = new ArrayList<>();
    for (JsonToken next = values.next(); next != JsonToken.END_ARRAY; next = values.next()) {
      longs.add(values.longValue(next, name));
    }
    return Collections.unmodifiableList(longs);
  }

  // Another client's encoder may write t behind the datoms.
  private static List<Datom> withTx(List<Datom> datoms, long tx) {
    return datoms.stream().map(d -> new Datom(d.e(), d.a(), d.v(), tx, d.added())).toList();
  }

  private Datom datom(long tx) {
    long e = values.longValue(values.next(), "the entity of a datom");
    long a = values.longValue(values.next(), "the attribute of a datom");
    Object v = values.value(values.next());
    if (v == null) {
      throw new WireFault("a datom has no value");
    }
    JsonToken token = values.next();
    boolean added = token != JsonToken.VALUE_FALSE;
    if (token == JsonToken.VALUE_FALSE || token == JsonToken.VALUE_TRUE) {
      token = values.next();
    }
    ValueReader.expect(token, JsonToken.END_ARRAY, "end of a datom, which is [e a v] or [e a v added]");
    return new Datom(e, a, v, tx, added);
  }

  Message.Push push() {
    List<Intent> intents = null;
    Map<Long, Long> known = Map.of();
    long number = 0;
    while (values.next() != JsonToken.END_OBJECT) {
      String name = in.currentName();
      JsonToken token = values.next();
      switch (name) {
        case "intents" -> intents = list(token, name, this::intent);
        case "known" -> known = made(token);
        case "number" -> number = values.longValue(token, "the number of a push");
        default -> values.skip();
      }
    }
    check(intents != null && !intents.isEmpty(), "push", "intents");
    check(number >= 0, "push", "number");
    return new Message.Push(intents, known, number);
  }

  private Intent intent() {
    UUID id = null;
    long seq = 0;
    long basisT = -1;
    Instant madeAt = null;
    List<Object> forms = null;
    Map<String, Long> tempids = null;
    Terms terms = Terms.NONE;
    while (values.next() != JsonToken.END_OBJECT) {
      String name = in.currentName();
      JsonToken token = values.next();
      switch (name) {
        case "id" -> id = values.typed(token, UUID.class, name);
        case "seq" -> seq = natural(token, name);
        case "basisT" -> basisT = natural(token, name);
        case "madeAt" -> madeAt = values.typed(token, Instant.class, name);
        case "forms" -> forms = forms(token);
        case "tempids" -> tempids = tempids(token);
        case "terms" -> terms = terms(token);
        default -> values.skip();
      }
    }
    check(id != null, "an intent", "id");
    check(seq > 0, "an intent", "seq");
    check(basisT >= 0, "an intent", "basisT");
    check(madeAt != null, "an intent", "madeAt");
    check(forms != null, "an intent", "forms");
    check(tempids != null, "an intent", "tempids");
    return new Intent(id, seq, basisT, madeAt, forms, tempids, terms);
  }

  private Terms terms(JsonToken token) {
    try {
      return Terms.fromData(values.value(token));
    } catch (IllegalArgumentException | NullPointerException e) {
      throw new WireFault("the terms of an intent: " + (e.getMessage() == null ? "a value is null" : e.getMessage()));
    }
  }

  @SuppressWarnings("unchecked")
  private List<Object> forms(JsonToken token) {
    return (List<Object>) values.typed(token, List.class, "forms");
  }

  private Map<String, Long> tempids(JsonToken token) {
    ValueReader.expect(token, JsonToken.START_ARRAY, "array of tempids");
    Map<String, Long> tempids = new HashMap<>();
    for (JsonToken key = values.next(); key != JsonToken.END_ARRAY; key = values.next()) {
      String tempid = values.typed(key, String.class, "a tempid");
      if (tempids.put(tempid, localNumber()) != null) {
        throw new WireFault("a tempid has two local numbers");
      }
    }
    return tempids;
  }

  private long localNumber() {
    long number = values.longValue(values.next(), "a local number");
    if (number <= 0) {
      throw new WireFault("a local number is " + number + ", not positive");
    }
    return number;
  }

  Message.Outcomes outcomes() {
    List<PushOutcome> outcomes = null;
    while (values.next() != JsonToken.END_OBJECT) {
      String name = in.currentName();
      JsonToken token = values.next();
      if (name.equals("outcomes")) {
        outcomes = list(token, name, this::outcome);
      } else {
        values.skip();
      }
    }
    check(outcomes != null && !outcomes.isEmpty(), "outcomes", "outcomes");
    return new Message.Outcomes(outcomes);
  }

  private PushOutcome outcome() {
    UUID id = null;
    OutcomeKind kind = null;
    Boolean duplicate = null;
    long t = -1;
    Map<Long, Long> made = null;
    Keyword code = null;
    String message = null;
    while (values.next() != JsonToken.END_OBJECT) {
      String name = in.currentName();
      JsonToken token = values.next();
      switch (name) {
        case "id" -> id = values.typed(token, UUID.class, name);
        case "kind" -> kind = Words.kind(values.typed(token, String.class, name));
        case "duplicate" -> duplicate = values.typed(token, Boolean.class, name);
        case "t" -> t = natural(token, name);
        case "made" -> made = made(token);
        case "code" -> code = token == JsonToken.VALUE_NULL ? null : values.typed(token, Keyword.class, name);
        case "message" -> message = token == JsonToken.VALUE_NULL ? null : values.typed(token, String.class, name);
        default -> values.skip();
      }
    }
    check(id != null, "an outcome", "id");
    check(kind != null, "an outcome", "kind");
    check(duplicate != null, "an outcome", "duplicate");
    check(t >= 0, "an outcome", "t");
    check(made != null, "an outcome", "made");
    return new PushOutcome(id, kind, duplicate, t, made, code, message);
  }

  private Map<Long, Long> made(JsonToken token) {
    ValueReader.expect(token, JsonToken.START_ARRAY, "array of made entities");
    Map<Long, Long> made = new HashMap<>();
    for (JsonToken key = values.next(); key != JsonToken.END_ARRAY; key = values.next()) {
      long number = values.longValue(key, "a local number");
      if (made.put(number, values.longValue(values.next(), "an entity id")) != null) {
        throw new WireFault("a local number stands for two entities");
      }
    }
    return made;
  }

  private <T> List<T> list(JsonToken token, String name, Supplier<T> element) {
    ValueReader.expect(token, JsonToken.START_ARRAY, "array in " + name);
    List<T> elements = new ArrayList<>();
    for (JsonToken next = values.next(); next != JsonToken.END_ARRAY; next = values.next()) {
      if (next != JsonToken.START_OBJECT && next != JsonToken.START_ARRAY) {
        throw new WireFault("an element of " + name + " is neither object nor array");
      }
      elements.add(element.get());
    }
    return Collections.unmodifiableList(elements);
  }

  private long natural(JsonToken token, String name) {
    long value = values.longValue(token, name);
    if (value < 0) {
      throw new WireFault("the field " + name + " is " + value + ", negative");
    }
    return value;
  }

  private static void check(boolean present, String type, String name) {
    if (!present) {
      throw Fields.missing(type, name);
    }
  }
}
