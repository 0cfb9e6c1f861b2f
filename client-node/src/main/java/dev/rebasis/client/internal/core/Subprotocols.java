package dev.rebasis.client.internal.core;

/** The names under which the codecs are offered when a connection is made. */
public final class Subprotocols {
  /** Compact; the default. */
  public static final String CBOR = "rebasis.cbor";
  /** Readable. */
  public static final String JSON = "rebasis.json";

  private Subprotocols() {}
}
