/**
 * The command line {@code rebasis}: one class per command, picocli above, the modules' public API below.
 *
 * <p>Lives here: options, output, exit codes. May not live here: anything that a program could want without a terminal.
 */
package dev.rebasis.simulations.cli;
