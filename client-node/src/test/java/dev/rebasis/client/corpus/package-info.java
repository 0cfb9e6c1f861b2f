/** Hand-picked cases as EDN files, answered by Datomic and by a whole client. */
package dev.rebasis.client.corpus;
