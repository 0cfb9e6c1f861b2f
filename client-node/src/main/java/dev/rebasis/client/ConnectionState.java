package dev.rebasis.client;

/** How a client stands to its server. */
public enum ConnectionState {
  /** No connection: there is no server, it cannot be reached, or the client was told to stay away. */
  OFFLINE,
  /** A connection is being made. */
  CONNECTING,
  /** Connected; the server's transactions up to the T at which the session began are still arriving. */
  CATCHING_UP,
  /** Connected, and every transaction arrives as the server confirms it. */
  LIVE
}
