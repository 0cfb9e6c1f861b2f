/**
 * Database values: where datoms are read from, and what lies between the index and a query. Internal: public only
 * because other packages of the client use it. No storage and no query language in here.
 */
package dev.rebasis.client.internal.db;
