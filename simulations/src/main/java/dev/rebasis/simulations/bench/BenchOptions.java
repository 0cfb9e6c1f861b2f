package dev.rebasis.simulations.bench;

import dev.rebasis.client.Durability;
import java.util.List;
import java.util.Map;

/**
 * The sizes of a run, as they travel to the child process. Immutable.
 *
 * @param n how many transactions, entities or queries; 0 for the workload's default
 * @param clients how many clients receive (fan-out)
 * @param pending how many pending transactions wait (rebase)
 * @param remote how many remote transactions arrive (rebase)
 * @param overlap which share of the remote transactions meets a pending one, 0 to 1 (rebase)
 * @param durability what a local transaction survives
 * @param rate writes a second (fan-out, sessions); 0 for the workload's own
 * @param processes among how many processes the receiving clients are shared out (fan-out); 1 for all in that of the writer
 * @param warmUpSeconds how long the clients run before anything is timed (fan-out at a rate)
 */
record BenchOptions(
    int n, int clients, int pending, int remote, double overlap, Durability durability, int rate, int processes, int warmUpSeconds) {

  List<String> toArguments() {
    return List.of(
        "n=" + n, "clients=" + clients, "pending=" + pending, "remote=" + remote, "overlap=" + overlap,
        "durability=" + durability, "rate=" + rate, "processes=" + processes, "warmUpSeconds=" + warmUpSeconds);
  }

  static BenchOptions parse(Map<String, String> arguments) {
    return new BenchOptions(
        Integer.parseInt(arguments.get("n")),
        Integer.parseInt(arguments.get("clients")),
        Integer.parseInt(arguments.get("pending")),
        Integer.parseInt(arguments.get("remote")),
        Double.parseDouble(arguments.get("overlap")),
        Durability.valueOf(arguments.get("durability")),
        Integer.parseInt(arguments.get("rate")),
        Integer.parseInt(arguments.get("processes")),
        Integer.parseInt(arguments.get("warmUpSeconds")));
  }
}
