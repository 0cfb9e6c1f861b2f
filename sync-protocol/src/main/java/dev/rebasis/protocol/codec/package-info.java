/**
 * Messages as JSON and as CBOR, over Jackson's streaming API with one configuration for both.
 *
 * <p>Lives here: how messages and values look on the wire (docs/protocol.md is its specification). May not live here:
 * sockets, sessions, and what messages mean.
 */
package dev.rebasis.protocol.codec;
