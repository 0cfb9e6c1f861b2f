package dev.rebasis.server.internal.session;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * When which client was last here, as far as this run of the server knows. Times are the timer's, exact to about a second.
 * Confined to the core; takes one small record for each client.
 */
public final class Contacts {
  private final Map<Long, Contact> contacts = new HashMap<>();
  private Instant now = Instant.EPOCH;

  /**
   * A client's newest contact.
   *
   * @param user by its token, or null
   * @param connected whether it is here now
   * @param at when it came, or when it left if it is gone
   */
  public record Contact(String user, boolean connected, Instant at) {}

  void now(Instant time) {
    now = time;
  }

  void came(long client, String user) {
    contacts.put(client, new Contact(user, true, now));
  }

  void left(long client, String user) {
    contacts.put(client, new Contact(user, false, now));
  }

  Map<Long, Contact> all() {
    return Map.copyOf(contacts);
  }
}
