/**
 * What both sides compute alike: the datoms that an intent stands for, what it reads and writes, whether that meets
 * what others confirmed meanwhile, and what becomes of it then.
 *
 * <p>{@link dev.rebasis.conflict.IntentBuilder} completes what an author wrote, {@link dev.rebasis.conflict.Decider}
 * decides it. docs/conflicts.md says what a conflict is and what becomes of it.
 *
 * <p>Lives here: pure functions over {@link dev.rebasis.conflict.FactView}. May not live here: I/O, clocks, threads,
 * random sources, and anything that knows whether it runs on a client or on a server.
 */
package dev.rebasis.conflict;
