/** Executors without threads, for tests and simulations of both nodes. Nothing here starts a thread. */
package dev.rebasis.executor;
