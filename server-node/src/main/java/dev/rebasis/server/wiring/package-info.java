/**
 * Puts the server together for production: Jetty, threads, the system's clock and files.
 *
 * <p>Lives here: everything that touches the outside. May not live here: decisions of the protocol or about data. Not
 * API.
 */
package dev.rebasis.server.wiring;
