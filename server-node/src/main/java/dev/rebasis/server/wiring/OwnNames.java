package dev.rebasis.server.wiring;

import java.util.Collection;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The names by which a server is called that asks for no tokens. Whoever owns another name can let it point to this address at any
 * time, and a page from there is then of the same origin for a browser: all that gives it away is the name. An address
 * cannot be made to point elsewhere. Immutable.
 */
final class OwnNames {
  private static final Pattern ADDRESS = Pattern.compile("[0-9]{1,3}([.][0-9]{1,3}){3}|\\[[0-9a-f:.]+(%[^\\]]*)?]");
  private static final Pattern PORT = Pattern.compile(":[0-9]*$");

  private final Set<String> names = new HashSet<>(Set.of("localhost"));

  /**
   * These, {@code localhost}, and every address.
   *
   * @param host what the server listens on
   * @param others what the operator calls it, without port
   */
  OwnNames(String host, Collection<String> others) {
    names.add(host.toLowerCase(Locale.ROOT));
    others.forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
  }

  /** Whether a request's header {@code Host} names this server; one without the header is no browser's. */
  boolean contain(String header) {
    if (header == null) {
      return true;
    }
    String name = PORT.matcher(header.strip().toLowerCase(Locale.ROOT)).replaceFirst("");
    return ADDRESS.matcher(name).matches() || names.contains(name);
  }
}
