/**
 * Checks of a store against itself, by dumb means that share nothing with what they check. For tests, simulations and
 * support; internal, no API.
 */
package dev.rebasis.client.internal.audit;
