/**
 * The data of Datomic as immutable Java values: datoms, keywords, entity ids, attributes, schema, index orders.
 *
 * <p>Lives here: values and pure functions on them. May not live here: messages, text formats, I/O, clocks, threads.
 */
package dev.rebasis.data;
