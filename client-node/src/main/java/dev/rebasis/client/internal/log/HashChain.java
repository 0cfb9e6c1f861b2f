package dev.rebasis.client.internal.log;

import dev.rebasis.data.Datom;
import dev.rebasis.data.Transaction;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.h2.mvstore.WriteBuffer;

/**
 * A running hash over confirmed transactions: two chains are equal only if the same transactions with the same datoms
 * in the same order led to them. Each link is the first half of SHA-256 over the link before, T, and the datoms.
 * Confined: one owner adds to it.
 */
public final class HashChain {
  /** The chain over no transaction. */
  public static final String START = "0".repeat(32);

  private static final int LINK_BYTES = 16;

  private final MessageDigest sha = sha256();
  private final WriteBuffer buffer = new WriteBuffer(8 * 1024);
  private byte[] link;

  /**
   * Goes on from a link.
   *
   * @param link 32 hexadecimal digits, for example {@link #START}
   */
  public HashChain(String link) {
    this.link = HexFormat.of().parseHex(link);
  }

  /** Adds a transaction. */
  public void add(Transaction transaction) {
    buffer.clear();
    buffer.put(link).putLong(transaction.t()).putInt(transaction.datoms().size());
    for (Datom datom : transaction.datoms()) {
      buffer.putVarLong(datom.e()).putVarLong(datom.a()).put((byte) (datom.added() ? 1 : 0));
      ValueCodec.write(buffer, datom.v());
      if (datom.t() != transaction.t()) {
        buffer.putVarLong(datom.t());
      }
    }
    transaction.withdrawn().stream().sorted().forEach(buffer::putVarLong);
    sha.update(buffer.getBuffer().flip());
    byte[] hash = sha.digest();
    System.arraycopy(hash, 0, link, 0, LINK_BYTES);
  }

  /** The link now, as 32 hexadecimal digits. */
  public String link() {
    return HexFormat.of().formatHex(link);
  }

  /** A digest that every Java platform has. */
  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
