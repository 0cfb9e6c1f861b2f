/**
 * What the client answers, compared with what Datomic answers: cases are EDN data, hand-picked ones in files, random ones
 * from generators; one runner asks both sides. Nothing here is used outside tests.
 */
package dev.rebasis.client.conform;
