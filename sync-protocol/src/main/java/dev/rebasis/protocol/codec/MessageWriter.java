package dev.rebasis.protocol.codec;

import dev.rebasis.data.Datom;
import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.AttributeDigest;
import dev.rebasis.protocol.Fork;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.ScopeSpec;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.core.JsonGenerator;

/** Writes messages to a generator; {@link MessageReader} is its mirror. Confined to one message. */
final class MessageWriter {
  private final JsonGenerator out;
  private final ValueWriter values;

  MessageWriter(JsonGenerator out, boolean text, Limits limits) {
    this.out = out;
    this.values = new ValueWriter(out, text, limits);
  }

  void write(Message message) {
    out.writeStartObject();
    out.writeName("type");
    out.writeString(message.type());
    if (message instanceof Message.Transactions m) {
      writeTransactions(m);
    } else if (message instanceof Message.Push m) {
      writeArray("intents", m.intents(), this::writeIntent);
      if (!m.known().isEmpty()) {
        writePairs("known", m.known());
      }
      if (m.number() > 0) {
        writeLong("number", m.number());
      }
    } else if (message instanceof Message.Outcomes m) {
      writeArray("outcomes", m.outcomes(), this::writeOutcome);
    } else if (message instanceof Message.ScopeChange m) {
      writeLong("ref", m.ref());
      out.writeName("change");
      writeTransaction(m.change());
      out.writeName("last");
      out.writeBoolean(m.last());
    } else {
      writeSmall(message);
    }
    out.writeEndObject();
  }

  private void writeSmall(Message message) {
    if (message instanceof Message.Hello m) {
      writeHello(m);
    } else if (message instanceof Message.Welcome m) {
      writeWelcome(m);
    } else if (message instanceof Message.PullCredit m) {
      writeLong("datoms", m.datoms());
    } else if (message instanceof Message.Sync m) {
      writeLong("ref", m.ref());
      writeLong("t", m.t());
    } else if (message instanceof Message.Synced m) {
      writeLong("ref", m.ref());
      writeLong("t", m.t());
    } else if (message instanceof Message.Scope m) {
      writeLong("ref", m.ref());
      writeScopes("scopes", m.scopes());
    } else if (message instanceof Message.Loaded m) {
      writeLong("t", m.t());
      writeLong("credit", m.credit());
    } else if (message instanceof Message.Verify m) {
      writeLong("ref", m.ref());
      writeLong("t", m.t());
      writeDigests("digests", m.digests());
    } else if (message instanceof Message.Verified m) {
      writeLong("ref", m.ref());
      writeLong("t", m.t());
      out.writeName("known");
      out.writeBoolean(m.known());
      writeDigests("different", m.different());
    } else if (message instanceof Message.Basis m) {
      writeLong("t", m.t());
    } else if (message instanceof Message.Bye m) {
      writeValue("reason", m.reason());
    } else if (message instanceof Message.Failed m) {
      writeFailed(m);
    } else {
      throw new IllegalStateException("A message without a wire form: " + message.type());
    }
  }

  private void writeHello(Message.Hello m) {
    writeLong("version", m.version());
    writeFeatures(m.features());
    writeValue("store", m.store());
    writeLong("client", m.client());
    writeValue("database", m.database());
    writeLong("t", m.t());
    writeLong("credit", m.credit());
    writeValue("token", m.standing().token());
    writeValue("formerToken", m.standing().formerToken());
    writeValue("fork", m.standing().fork());
    writeValue("instant", m.standing().instant());
    writeScopes("scopes", m.scopes());
    writeScopes("held", m.held());
  }

  // Null, for everything, is left out; no scope at all is an empty array.
  private void writeScopes(String name, List<ScopeSpec> scopes) {
    if (scopes != null) {
      writeArray(name, scopes, scope -> values.write(scope.toData(), 3));
    }
  }

  private void writeWelcome(Message.Welcome m) {
    writeLong("version", m.version());
    writeFeatures(m.features());
    writeValue("database", m.database());
    writeLong("client", m.client());
    writeLong("basisT", m.basisT());
    writeValue("token", m.token());
    if (m.load() > 0) {
      writeLong("load", m.load());
    }
    writeValue("user", m.user());
    if (!m.forks().isEmpty()) {
      out.writeName("forks");
      out.writeStartArray();
      for (Fork fork : m.forks()) {
        values.writeLong(fork.t());
        values.writeLong(fork.nextT());
        values.write(fork.id(), 3);
      }
      out.writeEndArray();
    }
  }

  private void writeDigests(String name, List<AttributeDigest> digests) {
    out.writeName(name);
    out.writeStartArray();
    for (AttributeDigest digest : digests) {
      values.writeLong(digest.a());
      values.writeLong(digest.datoms());
      values.writeString(digest.sum());
    }
    out.writeEndArray();
  }

  // In order, so that equal messages are equal bytes.
  private void writeFeatures(Set<String> features) {
    writeArray("features", List.copyOf(new TreeSet<>(features)), values::writeString);
  }

  private void writeFailed(Message.Failed m) {
    writeValue("code", m.code());
    out.writeName("category");
    out.writeString(Words.of(m.category()));
    writeValue("message", m.message());
    writeLong("retryAfterMillis", m.retryAfterMillis());
    out.writeName("fatal");
    out.writeBoolean(m.fatal());
  }

  private void writeTransactions(Message.Transactions m) {
    writeLong("follows", m.follows());
    writeArray("transactions", m.transactions(), this::writeTransaction);
    writeLong("basisT", m.basisT());
  }

  private void writeTransaction(Transaction transaction) {
    out.writeStartObject();
    writeLong("t", transaction.t());
    long tx = transaction.tx();
    if (transaction.withdrawn().isEmpty()) {
      writeArray("datoms", transaction.datoms(), this::writeDatom);
    } else {
      writeArray("withdrawn", transaction.withdrawn(), values::writeLong);
      writeArray("datoms", transaction.datoms().stream().filter(d -> d.tx() == tx).toList(), this::writeDatom);
      writeArray("entered", transaction.datoms().stream().filter(d -> d.tx() != tx).toList(), this::writeEntered);
    }
    out.writeEndObject();
  }

  // [e a v t]: what is older than the transaction around it.
  private void writeEntered(Datom datom) {
    out.writeStartArray(datom, 4);
    values.writeLong(datom.e());
    values.writeLong(datom.a());
    values.write(datom.v(), 5);
    values.writeLong(datom.t());
    out.writeEndArray();
  }

  // [e a v], or [e a v false] for a retraction; the transaction is the one around it.
  private void writeDatom(Datom datom) {
    out.writeStartArray(datom, datom.added() ? 3 : 4);
    values.writeLong(datom.e());
    values.writeLong(datom.a());
    values.write(datom.v(), 5);
    if (!datom.added()) {
      out.writeBoolean(false);
    }
    out.writeEndArray();
  }

  private void writeIntent(Intent intent) {
    out.writeStartObject();
    writeValue("id", intent.id());
    writeLong("seq", intent.seq());
    writeLong("basisT", intent.basisT());
    writeValue("madeAt", intent.madeAt());
    out.writeName("forms");
    values.write(intent.forms(), 3);
    out.writeName("tempids");
    out.writeStartArray();
    for (Map.Entry<String, Long> tempid : new TreeMap<>(intent.tempids()).entrySet()) {
      values.writeString(tempid.getKey());
      values.writeLong(tempid.getValue());
    }
    out.writeEndArray();
    if (!intent.terms().isNone()) {
      out.writeName("terms");
      values.write(intent.terms().toData(), 3);
    }
    out.writeEndObject();
  }

  private void writeOutcome(PushOutcome outcome) {
    out.writeStartObject();
    writeValue("id", outcome.id());
    out.writeName("kind");
    out.writeString(Words.of(outcome.kind()));
    out.writeName("duplicate");
    out.writeBoolean(outcome.duplicate());
    writeLong("t", outcome.t());
    writePairs("made", outcome.made());
    writeValue("code", outcome.code());
    writeValue("message", outcome.message());
    out.writeEndObject();
  }

  // In order, so that equal messages are equal bytes.
  private void writePairs(String name, Map<Long, Long> pairs) {
    out.writeName(name);
    out.writeStartArray();
    for (Map.Entry<Long, Long> pair : new TreeMap<>(pairs).entrySet()) {
      values.writeLong(pair.getKey());
      values.writeLong(pair.getValue());
    }
    out.writeEndArray();
  }

  private interface ElementWriter<T> {
    void write(T element);
  }

  private <T> void writeArray(String name, List<T> elements, ElementWriter<T> writer) {
    out.writeName(name);
    out.writeStartArray(elements, elements.size());
    for (T element : elements) {
      writer.write(element);
    }
    out.writeEndArray();
  }

  private void writeLong(String name, long value) {
    out.writeName(name);
    values.writeLong(value);
  }

  // A null field is left out.
  private void writeValue(String name, Object value) {
    if (value != null) {
      out.writeName(name);
      values.write(value, 3);
    }
  }
}
