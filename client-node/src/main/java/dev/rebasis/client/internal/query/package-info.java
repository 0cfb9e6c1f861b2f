/**
 * Datalog over {@link dev.rebasis.client.internal.db.DatomSource}s and plain collections: a query is parsed
 * ({@code QueryParser} to {@code Query}, whose clauses are sealed records), bound to its inputs ({@code InputBinder}),
 * planned ({@code Planner}: order and kind of each join by estimated cost) and evaluated (a chain of {@code Step}s that
 * push one frame of variables from clause to clause into a {@code Collector}). What stands inside another clause
 * ({@code not}, {@code or}, a rule) is a {@code Body} with a plan of its own; rules that call themselves are evaluated by
 * {@code TabledRules}.
 *
 * <p>Pure: no clock, no I/O of its own, no threads. Does not live here: storage, and what a database value is. Internal:
 * only {@link dev.rebasis.client.internal.query.QueryEngine} is used from outside.
 */
package dev.rebasis.client.internal.query;
