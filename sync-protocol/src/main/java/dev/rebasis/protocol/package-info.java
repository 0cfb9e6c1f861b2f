/**
 * What client and server say to each other: one record per message, the version, the limits, and what a query in a message
 * may ask.
 *
 * <p>Lives here: messages as data. May not live here: how they are sent, and how they are decided.
 */
package dev.rebasis.protocol;
