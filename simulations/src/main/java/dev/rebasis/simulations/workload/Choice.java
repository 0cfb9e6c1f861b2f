package dev.rebasis.simulations.workload;

import java.util.random.RandomGenerator;

/**
 * The argument of an operation on one of few numbered things: which one, a number to write, and an entity that the same
 * client made before. As text {@code [1 42 ?7.e]}, or {@code nil} in the last place. Immutable.
 *
 * @param which the thing's number
 * @param number what to write
 * @param made the entity as forms name it, or null if there is none
 */
record Choice(String which, String number, String made) {
  /** Chooses one at random. */
  static String draw(RandomGenerator random, int things, int numbers, Workload.Made made) {
    String other = made.any(random);
    return "[" + random.nextInt(things) + " " + random.nextInt(numbers) + " " + (other == null ? "nil" : other) + "]";
  }

  /** Reads what {@link #draw} gave, with an entity id in the place of the reference. */
  static Choice of(String argument) {
    String[] words = argument.substring(1, argument.length() - 1).split(" ");
    return new Choice(words[0], words[1], words[2].equals("nil") ? null : words[2]);
  }
}
