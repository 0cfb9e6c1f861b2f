package dev.rebasis.server.cli;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.server.access.AccessRules;
import dev.rebasis.server.access.Authenticator;
import dev.rebasis.server.access.JwtAuthenticator;
import dev.rebasis.server.access.TokenFile;
import dev.rebasis.server.wiring.Round;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** Who may connect, how, and what they may see and write. */
final class AccessOptions {
  @Option(
      names = "--tokens",
      paramLabel = "FILE",
      description = "Let in only who shows a token of this file: lines of TOKEN USER ROLE,ROLE.")
  private Path tokens;

  @Option(
      names = "--jwt-key",
      paramLabel = "FILE",
      description = "Let in only who shows a JSON Web Token signed with this key: a public key in PEM, a JWKS, or"
          + " 'secret:' and a shared secret.")
  private Path jwtKey;

  @Option(names = "--jwt-issuer", paramLabel = "NAME", description = "What the tokens' issuer must be.")
  private String issuer;

  @Option(names = "--jwt-audience", paramLabel = "NAME", description = "What the tokens' audience must hold.")
  private String audience;

  @Option(
      names = "--access",
      paramLabel = "FILE",
      description = "What each role may see and write, as EDN. Without it everyone who is let in may do everything.")
  private Path rules;

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description = "Speak TLS with this certificate, and those between it and a root, in PEM. Needs --tls-key.")
  private Path tlsCertificates;

  @Option(names = "--tls-key", paramLabel = "FILE", description = "The certificate's private key, in PEM as PKCS#8.")
  private Path tlsKey;

  @Option(
      names = "--allowed-host",
      split = ",",
      paramLabel = "NAME",
      description = "Without tokens: a name, without port, that requests may call this server by, beside addresses, localhost and --host."
          + " Can be given several times.")
  private List<String> allowedHosts = new ArrayList<>();

  void apply(RebasisServer.Builder builder) {
    builder.allowedHosts(allowedHosts);
    if (tokens != null && jwtKey != null) {
      throw wrong("Give either --tokens or --jwt-key, not both.", null);
    }
    if (tokens != null) {
      builder.authenticator(tokens(read(tokens)));
    } else if (jwtKey != null) {
      builder.authenticator(new JwtAuthenticator(read(jwtKey), issuer, audience));
    } else if (rules != null || issuer != null || audience != null) {
      throw wrong("--access, --jwt-issuer and --jwt-audience need --tokens or --jwt-key to tell who is who.", null);
    }
    if ((tlsCertificates == null) != (tlsKey == null)) {
      throw wrong("--tls-cert and --tls-key belong together.", null);
    }
    if (tlsKey != null) {
      builder.tls(read(tlsCertificates), read(tlsKey));
    }
    if (rules != null) {
      builder.access(rules(rules, read(rules)));
    }
  }

  /** The rules that a file holds; says which file if it holds none. */
  static AccessRules rules(Path file, String text) {
    try {
      return AccessRules.parse(text);
    } catch (RebasisException e) {
      throw new RebasisException(e.code(), e.category(), "In the file " + file + ": " + e.getMessage(), e.data(), e);
    }
  }

  private TokenFile tokens(String text) {
    return TokenFile.parse(tokens.toString(), text.lines().toList());
  }

  /**
   * Has a running server follow the files.
   *
   * @param withoutRules the databases that have no rules of their own
   */
  void watch(WatchedFiles files, RebasisServer server, Collection<String> withoutRules) {
    if (tokens != null) {
      files.add(List.of(tokens), authenticating(server::authenticator, this::tokens));
    }
    if (jwtKey != null) {
      files.add(List.of(jwtKey), authenticating(server::authenticator, key -> new JwtAuthenticator(key, issuer, audience)));
    }
    if (tlsKey != null) {
      files.add(List.of(tlsCertificates, tlsKey), now -> server.tls(now.get(0), now.get(1)));
    }
    if (rules != null) {
      files.add(List.of(rules), ruling(withoutRules, server::access));
    }
  }

  /** Tells whom tokens stand for; of the same text the same authenticator, by which a server knows a further try. */
  static WatchedFiles.Change authenticating(Consumer<Authenticator> server, Function<String, Authenticator> reader) {
    Map<String, Authenticator> newest = new HashMap<>();
    return now -> {
      newest.keySet().retainAll(now);
      server.accept(newest.computeIfAbsent(now.get(0), reader));
    };
  }

  /** Tells databases their rules; on a further try those that could not take them up. */
  static WatchedFiles.Change ruling(Collection<String> databases, BiConsumer<String, AccessRules> server) {
    Round<String> round = new Round<>();
    return now -> {
      AccessRules parsed = AccessRules.parse(now.get(0));
      round.tell(now, databases, database -> server.accept(database, parsed));
    };
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw wrong("Cannot read " + file + " (" + e + "). Name a readable file.", e);
    }
  }

  private static RebasisException wrong(String message, IOException cause) {
    return new RebasisException(
        Keyword.of(":rebasis.error/wrong-setting"), ErrorCategory.FIX_REQUEST, message, Map.of(), cause);
  }
}
