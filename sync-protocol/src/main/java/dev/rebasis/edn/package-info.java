/**
 * EDN text to data and back, over the edn-java library.
 *
 * <p>Lives here: the mapping of EDN to the Java types of {@link dev.rebasis.data.ValueType} and to collections, and the
 * limits that keep hostile text from hurting. May not live here: what the data means (transactions, queries).
 */
package dev.rebasis.edn;
