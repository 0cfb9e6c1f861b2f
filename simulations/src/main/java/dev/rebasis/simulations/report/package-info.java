/**
 * What simulations tell people and programs: the command line, one line of JSON, an HTML page.
 *
 * <p>May not live here: anything that decides what happens in a simulation.
 */
package dev.rebasis.simulations.report;
