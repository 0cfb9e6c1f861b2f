/**
 * The errors of Rebasis, grouped by what the caller can do about them.
 *
 * <p>Every error carries a code (a keyword), a sentence with cause and way out, and the offenders as data.
 */
package dev.rebasis.error;
