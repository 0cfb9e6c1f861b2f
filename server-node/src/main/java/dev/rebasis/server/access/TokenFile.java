package dev.rebasis.server.access;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tokens from a list: one line each, {@code TOKEN USER ROLE,ROLE...}, roles may be missing; empty lines and those that
 * begin with {@code #} are passed over. Instead of the token its SHA-256 may stand, as {@code sha256:HEX}, so that the
 * file tells nobody a token. Immutable; threads may share it.
 */
public final class TokenFile implements Authenticator {
  private static final int TOKEN_CHARS_MIN = 16;

  // By hash: looking a token up then takes no time that depends on how much of it is right.
  private final Map<String, User> users;

  private TokenFile(Map<String, User> users) {
    this.users = users;
  }

  /**
   * Reads the lines of a token file.
   *
   * @param name of the file, for messages
   * @throws RebasisException {@code :rebasis.error/token-file} if a line is none; the message does not show it
   */
  public static TokenFile parse(String name, List<String> lines) {
    Map<String, User> users = new HashMap<>();
    int number = 0;
    for (String line : lines) {
      number++;
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      String[] words = line.strip().split("\\s+");
      boolean hashed = words[0].startsWith("sha256:");
      if (words.length < 2 || words.length > 3 || !hashed && words[0].length() < TOKEN_CHARS_MIN
          || hashed && !words[0].matches("sha256:[0-9a-f]{64}")) {
        throw wrong(name, number, "is not 'TOKEN USER ROLE,ROLE' with a token of at least " + TOKEN_CHARS_MIN
            + " characters, or 'sha256:' and 64 hexadecimal digits, in its place");
      }
      Set<String> roles = words.length == 3 ? Set.of(words[2].split(",")) : Set.of();
      String hash = hashed ? words[0].substring("sha256:".length()) : hash(words[0]);
      if (users.put(hash, new User(words[1], roles, null)) != null) {
        throw wrong(name, number, "has a token that stood before");
      }
    }
    return new TokenFile(Map.copyOf(users));
  }

  private static RebasisException wrong(String name, int number, String why) {
    return new RebasisException(Keyword.of(":rebasis.error/token-file"), ErrorCategory.FIX_REQUEST,
        "Line " + number + " of the token file " + name + " " + why + ".");
  }

  private static String hash(String token) {
    try {
      return HexFormat.of().formatHex(
          MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  @Override
  public User authenticate(String token) {
    User user = token == null ? null : users.get(hash(token));
    if (user == null) {
      throw Authenticator.unauthorized(token == null ? "A token is needed." : "The token is not known.");
    }
    return user;
  }
}
