/**
 * Who may connect, and what they may see and write.
 *
 * <p>Lives here: authenticators, users, rules by role. May not live here: sockets, and how a session or the master applies
 * the rules.
 */
package dev.rebasis.server.access;
