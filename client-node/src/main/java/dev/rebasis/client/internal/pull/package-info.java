/**
 * Pull: maps of attributes of one entity and of those that it refers to, by a pattern. Internal: queries and database
 * values use it. It reads a {@link dev.rebasis.client.internal.db.DatomSource} and nothing else.
 */
package dev.rebasis.client.internal.pull;
