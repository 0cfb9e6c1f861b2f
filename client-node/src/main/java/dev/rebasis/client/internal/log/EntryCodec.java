package dev.rebasis.client.internal.log;

import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolException;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.codec.WireCodec;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Entries as bytes of the write-ahead log: what also travels between client and server, in the form in which it travels.
 * Entries of other kinds are rare, and those with many datoms are better written once; they go to the tables directly.
 * Stateless.
 */
final class EntryCodec {
  /** With more datoms than these, an entry is not worth being written twice. */
  static final int DATOMS_MAX = 2_000;

  private static final byte INTENTS = 1;
  private static final byte CONFIRMED = 2;
  private static final byte DECIDED = 3;
  private static final byte MADE = 4;
  private static final byte TOKENS = 5;

  private static final UUID NO_TOKEN = new UUID(0, 0);

  // Bounded by what was written: what comes back is our own, and its checksum was right.
  private static final int ANY = 1 << 28;
  private static final WireCodec CODEC = WireCodec.cbor(new Limits(ANY, ANY, 1_000, ANY, ANY, 1 << 20, ANY, ANY, ANY));

  private EntryCodec() {}

  /** The bytes, or null if they are to go to the tables directly. */
  static byte[] encode(List<LogEntry> entries) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256 * entries.size());
    DataOutputStream out = new DataOutputStream(bytes);
    try {
      for (LogEntry entry : entries) {
        if (!write(entry, out)) {
          return null;
        }
      }
    } catch (ProtocolException e) {
      // A value that cannot travel, such as a decimal of huge scale from an old server, can still be kept.
      return null;
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  private static boolean write(LogEntry entry, DataOutputStream out) throws IOException {
    if (entry instanceof LogEntry.IntentMade made) {
      message(INTENTS, new Message.Push(List.of(made.intent())), out);
    } else if (entry instanceof LogEntry.Confirmed confirmed) {
      return confirmed(confirmed.transactions(), out);
    } else if (entry instanceof LogEntry.Decided decided && decided.conflicts().isEmpty()) {
      message(DECIDED, new Message.Outcomes(List.of(new PushOutcome(decided.id(), decided.kind(), decided.duplicate(),
          decided.t(), decided.made(), decided.code(), decided.message()))), out);
    } else if (entry instanceof LogEntry.Made made) {
      out.writeByte(MADE);
      out.writeInt(16 * made.made().size());
      for (Map.Entry<Long, Long> one : made.made().entrySet()) {
        out.writeLong(one.getKey());
        out.writeLong(one.getValue());
      }
    } else if (entry instanceof LogEntry.Tokens tokens) {
      UUID former = tokens.formerToken() == null ? NO_TOKEN : tokens.formerToken();
      out.writeByte(TOKENS);
      out.writeInt(32);
      for (UUID token : List.of(tokens.token(), former)) {
        out.writeLong(token.getMostSignificantBits());
        out.writeLong(token.getLeastSignificantBits());
      }
    } else {
      return false;
    }
    return true;
  }

  private static boolean confirmed(List<Transaction> transactions, DataOutputStream out) throws IOException {
    int datoms = 0;
    for (Transaction transaction : transactions) {
      datoms += transaction.datoms().size();
    }
    if (datoms > DATOMS_MAX) {
      return false;
    }
    if (!transactions.isEmpty()) {
      long newest = transactions.get(transactions.size() - 1).t();
      message(CONFIRMED, new Message.Transactions(transactions.get(0).t() - 1, transactions, newest), out);
    }
    return true;
  }

  private static void message(byte kind, Message message, DataOutputStream out) throws IOException {
    byte[] bytes = CODEC.encode(message);
    out.writeByte(kind);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  /**
   * The entries of {@link #encode}.
   *
   * @throws DamagedRowException if these bytes are of another make
   */
  static List<LogEntry> decode(ByteBuffer content) {
    List<LogEntry> entries = new ArrayList<>();
    try {
      while (content.hasRemaining()) {
        byte kind = content.get();
        byte[] bytes = new byte[content.getInt()];
        content.get(bytes);
        read(kind, bytes, entries);
      }
    } catch (RuntimeException e) {
      throw new DamagedRowException("a record of log.wal cannot be read: " + e);
    }
    return entries;
  }

  private static void read(byte kind, byte[] bytes, List<LogEntry> into) {
    switch (kind) {
      case INTENTS -> {
        for (Intent intent : ((Message.Push) CODEC.decode(bytes)).intents()) {
          into.add(new LogEntry.IntentMade(intent));
        }
      }
      case CONFIRMED -> into.add(new LogEntry.Confirmed(((Message.Transactions) CODEC.decode(bytes)).transactions()));
      case DECIDED -> {
        for (PushOutcome outcome : ((Message.Outcomes) CODEC.decode(bytes)).outcomes()) {
          into.add(new LogEntry.Decided(outcome.id(), outcome.kind(), outcome.duplicate(), outcome.t(), outcome.made(),
              outcome.code(), outcome.message(), List.of()));
        }
      }
      case MADE -> {
        Map<Long, Long> made = new HashMap<>();
        for (ByteBuffer pairs = ByteBuffer.wrap(bytes); pairs.hasRemaining(); ) {
          made.put(pairs.getLong(), pairs.getLong());
        }
        into.add(new LogEntry.Made(made));
      }
      case TOKENS -> {
        ByteBuffer halves = ByteBuffer.wrap(bytes);
        UUID token = new UUID(halves.getLong(), halves.getLong());
        UUID former = new UUID(halves.getLong(), halves.getLong());
        into.add(new LogEntry.Tokens(token, former.equals(NO_TOKEN) ? null : former));
      }
      default -> throw new IllegalArgumentException("kind " + kind);
    }
  }
}
