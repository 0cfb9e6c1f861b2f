package dev.rebasis.client;

import java.time.Instant;

/**
 * Who wrote what a transaction met. Immutable.
 *
 * @param client the number of the client that wrote it; 0 for the server's own program
 * @param user the name under which that client had authenticated itself; null if it had none, or may not be seen here
 * @param at when the server committed it, by its clock
 */
public record RemoteWriter(long client, String user, Instant at) {}
