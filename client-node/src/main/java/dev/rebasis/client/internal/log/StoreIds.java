package dev.rebasis.client.internal.log;

import java.util.UUID;

/**
 * What identifies a store, to its server and over time. Immutable.
 *
 * @param store the store's id; another one from the day on which it was found to be a copy
 * @param database the database that the store follows, or null
 * @param client the number that the server gave, 0 if none
 * @param token the newest token that the server gave, or null
 * @param formerToken the one before it, or null
 * @param fork the newest fork of the database that the store knows of, or null
 * @param renumberedAt entities made here up to this local number were made under another client number; 0 if the store
 *     never had another one
 * @param user whom the server took this store's user for last; empty if it had no name for them, null before the first
 *     contact, and after somebody logged in with nothing waiting
 * @param factsOf of whom the server spoke so when what is confirmed here came: it is what this user may see; null if that is
 *     not known
 */
public record StoreIds(
    UUID store, UUID database, long client, UUID token, UUID formerToken, UUID fork, long renumberedAt, String user,
    String factsOf) {}
