/**
 * The commands of the server on the command line.
 *
 * <p>Lives here: options, output, exit codes. May not live here: anything that a program could want without a terminal.
 */
package dev.rebasis.server.cli;
