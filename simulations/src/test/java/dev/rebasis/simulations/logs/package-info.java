/**
 * Random histories of the real logs of client and server on a disk that loses power. What the disk does lives in
 * {@code dev.rebasis.simulations.disk}.
 */
package dev.rebasis.simulations.logs;
