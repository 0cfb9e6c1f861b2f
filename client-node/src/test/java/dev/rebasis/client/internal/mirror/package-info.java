/** A Datomic database and the client's index with the same facts under the same ids, for tests that compare both. */
package dev.rebasis.client.internal.mirror;
