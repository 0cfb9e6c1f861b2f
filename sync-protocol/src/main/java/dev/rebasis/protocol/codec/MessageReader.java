package dev.rebasis.protocol.codec;

import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolException;
import dev.rebasis.protocol.Standing;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads messages from a parser; {@link MessageWriter} is its mirror. Confined to one message. */
final class MessageReader {
  private final JsonParser in;
  private final ValueReader values;
  private final BatchReader batches;

  MessageReader(JsonParser in, boolean text, Limits limits) {
    this.in = in;
    this.values = new ValueReader(in, text, limits);
    this.batches = new BatchReader(in, values);
  }

  /**
   * Reads the type if it is the first field, as it is in all that we write; then the parser stands behind it.
   *
   * @return null if another field comes first
   */
  String firstType() {
    ValueReader.expect(values.next(), JsonToken.START_OBJECT, "object");
    if (values.next() == JsonToken.END_OBJECT) {
      throw Fields.missing("the message", "type");
    }
    return in.currentName().equals("type") ? type() : null;
  }

  /** Reads the type, wherever it is, with the parser where {@link #firstType()} leaves it. */
  String laterType() {
    do {
      if (in.currentName().equals("type")) {
        return type();
      }
      values.next();
      values.skip();
    } while (values.next() != JsonToken.END_OBJECT);
    throw Fields.missing("the message", "type");
  }

  private String type() {
    return values.typed(values.next(), String.class, "the type of the message");
  }

  /** Goes to the first field again: for a new parser on the same message. */
  void restart() {
    ValueReader.expect(values.next(), JsonToken.START_OBJECT, "object");
  }

  /** Reads the fields of a message of this type, up to its end, behind which nothing may follow. */
  Message fields(String type) {
    Message message = switch (type) {
      case "transactions" -> batches.transactions();
      case "push" -> batches.push();
      case "outcomes" -> batches.outcomes();
      case "scope-change" -> batches.scopeChange();
      case "hello" -> hello();
      case "welcome" -> welcome();
      case "verify" -> verify();
      case "verified" -> verified();
      case "error" -> failed();
      default -> small(type);
    };
    if (in.nextToken() != null) {
      throw new WireFault("something follows the message");
    }
    return message;
  }

  private Message small(String type) {
    switch (type) {
      case "pull-credit":
        return new Message.PullCredit(read(type, Set.of("datoms")).atLeast(1, "datoms"));
      case "loaded": {
        Fields fields = read(type, Set.of("t", "credit"));
        return new Message.Loaded(fields.atLeast(0, "t"), fields.atLeast(0, "credit"));
      }
      case "scope": {
        Fields fields = read(type, Set.of("ref", "scopes"));
        return new Message.Scope(fields.atLeast(1, "ref"), required(fields.scopes("scopes"), "scopes"));
      }
      case "basis":
        return new Message.Basis(read(type, Set.of("t")).atLeast(0, "t"));
      case "bye":
        return new Message.Bye(read(type, Set.of("reason")).optional("reason", String.class));
      case "sync": {
        Fields fields = read(type, Set.of("ref", "t"));
        return new Message.Sync(fields.required("ref", Long.class), fields.atLeast(0, "t"));
      }
      case "synced": {
        Fields fields = read(type, Set.of("ref", "t"));
        return new Message.Synced(fields.required("ref", Long.class), fields.atLeast(0, "t"));
      }
      default:
        throw new WireFault(ProtocolException.UNKNOWN_TYPE, "there is no message of this type");
    }
  }

  private static <T> T required(T value, String name) {
    if (value == null) {
      throw Fields.missing("scope", name);
    }
    return value;
  }

  private Message hello() {
    Fields fields = read("hello", Set.of("version", "features", "store", "client", "database", "t", "credit", "token",
        "formerToken", "fork", "instant", "scopes", "held"));
    return new Message.Hello(
        fields.version("version"),
        fields.strings("features"),
        fields.uuid("store"),
        fields.atLeast(0, "client"),
        fields.optional("database", UUID.class),
        fields.atLeast(0, "t"),
        fields.atLeast(0, "credit"),
        new Standing(fields.optional("token", UUID.class), fields.optional("formerToken", UUID.class),
            fields.optional("fork", UUID.class), fields.optional("instant", Instant.class)),
        fields.scopes("scopes"),
        fields.scopes("held"));
  }

  private Message welcome() {
    Fields fields = read("welcome", Set.of("version", "features", "database", "client", "basisT", "token", "load", "forks", "user"));
    return new Message.Welcome(
        fields.version("version"),
        fields.strings("features"),
        fields.uuid("database"),
        fields.atLeast(1, "client"),
        fields.atLeast(0, "basisT"),
        fields.optional("token", UUID.class),
        fields.atLeastOr(0, "load", 0),
        fields.forks("forks"),
        fields.optional("user", String.class));
  }

  private Message verify() {
    Fields fields = read("verify", Set.of("ref", "t", "digests"));
    return new Message.Verify(
        fields.required("ref", Long.class), fields.atLeast(0, "t"), fields.digests("digests"));
  }

  private Message verified() {
    Fields fields = read("verified", Set.of("ref", "t", "known", "different"));
    return new Message.Verified(fields.required("ref", Long.class), fields.atLeast(0, "t"),
        fields.required("known", Boolean.class), fields.digests("different"));
  }

  private Message failed() {
    Fields fields = read("error", Set.of("code", "category", "message", "retryAfterMillis", "fatal"));
    return new Message.Failed(
        fields.required("code", Keyword.class),
        Words.category(fields.required("category", String.class)),
        fields.required("message", String.class),
        fields.atLeast(0, "retryAfterMillis"),
        fields.required("fatal", Boolean.class));
  }

  // What is not known is passed over unread, so that later versions may add fields of any kind.
  private Fields read(String type, Set<String> known) {
    Fields fields = new Fields(type);
    while (values.next() != JsonToken.END_OBJECT) {
      String name = in.currentName();
      JsonToken token = values.next();
      if (known.contains(name)) {
        fields.put(name, values.value(token));
      } else {
        values.skip();
      }
    }
    return fields;
  }
}
